//! As much of HTTP as it takes to be a provider on the loopback: for the evaluation and for tests.

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// A prompt is some ten kilobytes.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What somebody asked for.
pub(crate) struct Request {
    /// Lower case, with the first line.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The next request on this connection, whole; `None` where there is none.
    pub(crate) async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        let head_ends = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            let mut part = [0; 4096];
            match stream.read(&mut part).await {
                Ok(length @ 1..) if bytes.len() < MOST_BYTES => bytes.extend_from_slice(part.get(..length)?),
                _ => return None,
            }
        };
        let mut body = bytes.split_off(head_ends);
        let head = String::from_utf8_lossy(&bytes).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(Some(0), |length| length.trim().parse().ok())?;
        let begun = body.len();
        if length > MOST_BYTES {
            return None;
        }
        body.resize(length.max(begun), 0);
        stream.read_exact(body.get_mut(begun..)?).await.ok()?;
        Some(Self { head, body })
    }
}

/// A whole answer with its length. Each of `headers` ends its line.
pub(crate) fn response(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The head of a stream in chunks.
pub(crate) fn stream_head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()
}

/// One chunk of a stream.
pub(crate) fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// The end of a stream, as HTTP has it.
pub(crate) fn last_chunk() -> Vec<u8> {
    b"0\r\n\r\n".to_vec()
}
