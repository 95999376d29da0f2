//! A connection of a program that asks models: plain HTTP/1.1, kept, so that it takes little of the machine.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The first words of each streamed answer.
const FIRST_WORD: &[u8] = b"alpha";

/// Who is asked.
#[derive(Clone, Debug)]
pub(super) struct Target {
    address: SocketAddr,
    whole: Vec<u8>,
    stream: Vec<u8>,
}

impl Target {
    pub(super) fn new(address: SocketAddr, key: &str, model: &str) -> Self {
        let request = |more: &str| {
            let body = format!(
                r#"{{"model":"{model}","messages":[{{"role":"system","content":"You are brief."}},{{"role":"user","content":"What does a dragoman do?"}}],"max_tokens":64,"temperature":0.2{more}}}"#
            );
            let length = body.len();
            format!(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nauthorization: Bearer {key}\r\ncontent-length: {length}\r\n\r\n{body}"
            )
        };
        Self { address, whole: request("").into_bytes(), stream: request(r#","stream":true"#).into_bytes() }
    }
}

/// When what came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// When the first word of a streamed answer was there.
    pub(super) first_word: Option<Instant>,
}

pub(super) struct Client<'a> {
    target: &'a Target,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl<'a> Client<'a> {
    pub(super) fn new(target: &'a Target) -> Self {
        Self { target, stream: None, buffer: Vec::with_capacity(16 * 1024) }
    }

    /// Asks once, and reads the answer to its end.
    pub(super) async fn ask(&mut self, streamed: bool) -> Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream =
                    TcpStream::connect(self.target.address).await.context("nobody takes a connection")?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(if streamed { &self.target.stream } else { &self.target.whole }).await?;
        self.buffer.clear();
        let mut first_word = None;
        let keeps = loop {
            let before = self.buffer.len().saturating_sub(FIRST_WORD.len());
            let is_over = stream.read_buf(&mut self.buffer).await? == 0;
            let fresh = self.buffer.get(before..).unwrap_or_default();
            if streamed && first_word.is_none() && fresh.windows(FIRST_WORD.len()).any(|w| w == FIRST_WORD) {
                first_word = Some(Instant::now());
            }
            match ends(&self.buffer) {
                Some(keeps) => break keeps,
                None if is_over => break false,
                None => {}
            }
        };
        let status = self.buffer.get(9..12).and_then(|code| std::str::from_utf8(code).ok());
        let Some(status) = status.and_then(|code| code.parse().ok()) else {
            bail!("the answer has no status")
        };
        if keeps {
            self.stream = Some(stream);
        }
        Ok(Answer { status, first_word })
    }
}

/// Whether the answer is whole, and if so whether the connection stays.
fn ends(buffer: &[u8]) -> Option<bool> {
    let head_end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(buffer.get(..head_end)?).to_ascii_lowercase();
    let keeps = !head.contains("connection: close");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    if let Some(length) = length.and_then(|length| length.trim().parse::<usize>().ok()) {
        return (buffer.len() >= head_end + length).then_some(keeps);
    }
    (head.contains("chunked") && buffer.ends_with(b"\r\n0\r\n\r\n")).then_some(keeps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_answer_is_seen_in_both_of_its_forms() {
        assert_eq!(ends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"), None);
        assert_eq!(ends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"), Some(true));
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nConnection: close\r\n\r\n1\r\na\r\n";
        assert_eq!(ends(chunked), None);
        assert_eq!(ends(&[chunked.as_slice(), b"0\r\n\r\n"].concat()), Some(false));
    }
}
