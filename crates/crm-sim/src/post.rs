//! Forms as browsers and PHP write them, and posting to a plain http address.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes of an answer that are read.
const MOST: u64 = 64 << 10;

/// Text as it stands in a form.
pub(crate) fn encoded(text: &str) -> String {
    let one = |byte: &u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' | b'~' => char::from(*byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.as_bytes().iter().map(one).collect()
}

/// Text from a form: a plus is a space. What is no escape stays as it is.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let escape = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, escape.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', _) => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Posts a text to a plain http address; the status that came back in time. `through` is who answers there, as a proxy has
/// it: `127.0.0.1:8080`. `headers` are lines, each with its end.
pub(crate) async fn post(
    address: &str,
    through: Option<&str>,
    headers: &str,
    body: &str,
    patience: Duration,
) -> Option<u16> {
    let (_, rest) = address.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (path, length) = (if path.is_empty() { "/" } else { path }, body.len());
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    let asked = async {
        let mut stream = TcpStream::connect(through.unwrap_or(host)).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        // A line with the status is all that is looked at.
        stream.take(MOST).read_to_end(&mut answer).await.ok()?;
        String::from_utf8_lossy(&answer).split_ascii_whitespace().nth(1)?.parse().ok()
    };
    tokio::time::timeout(patience, asked).await.ok().flatten()
}

/// The header of a form.
pub(crate) const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
