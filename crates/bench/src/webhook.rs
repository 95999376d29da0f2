//! A connection to the gateway's webhook: plain HTTP/1.1, kept, so that the generator takes little of the machine
//! it measures.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection to the webhook.
pub(crate) struct Webhook {
    stream: TcpStream,
    head: String,
    buffer: Vec<u8>,
}

impl Webhook {
    pub(crate) async fn connect(address: SocketAddr, secret: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("the gateway takes no connection")?;
        stream.set_nodelay(true)?;
        let head = format!(
            "POST /telegram/bench HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nx-telegram-bot-api-secret-token: {secret}\r\ncontent-length: "
        );
        Ok(Self { stream, head, buffer: Vec::with_capacity(4096) })
    }

    /// Posts one update; the status it was answered with.
    pub(crate) async fn post(&mut self, body: &str) -> Result<u16> {
        let request = format!("{}{}\r\n\r\n{body}", self.head, body.len());
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the gateway closed the connection");
            }
            let Some(end) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head =
                String::from_utf8_lossy(self.buffer.get(..end).unwrap_or_default()).to_ascii_lowercase();
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .and_then(|n| n.trim().parse().ok())
                .unwrap_or(0);
            while self.buffer.len() < end + 4 + length {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    bail!("the gateway closed the connection in an answer");
                }
            }
            return head.get(9..12).and_then(|code| code.parse().ok()).context("no status");
        }
    }
}
