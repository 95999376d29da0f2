//! The endpoint: takes every webhook at once and knows how long each was on its way.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::http::head;
use crate::latency::Latencies;

#[derive(Clone)]
pub(super) struct Receiver {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// When the leads that have not arrived were published, by their deliveries' ids.
    under_way: HashMap<String, Instant>,
    latencies: Latencies,
    arrived: u64,
    twice: u64,
}

impl Receiver {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let receiver = Self { address: listener.local_addr()?, seen: Arc::default() };
        let shared = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let receiver = shared.clone();
                // A caller that goes away ends its connection and nothing else.
                tokio::spawn(async move { receiver.serve(stream).await.is_ok() });
            }
        });
        Ok(receiver)
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A lead is about to be published.
    pub(super) fn expect(&self, delivery: String) {
        self.seen().under_way.insert(delivery, Instant::now());
    }

    pub(super) fn under_way(&self) -> usize {
        self.seen().under_way.len()
    }

    /// Since [`Self::forget`].
    pub(super) fn arrived(&self) -> u64 {
        self.seen().arrived
    }

    /// How often something arrived that was not expected any more, since the start.
    pub(super) fn twice(&self) -> u64 {
        self.seen().twice
    }

    /// Takes those seen since [`Self::forget`].
    pub(super) fn latencies(&self) -> Latencies {
        std::mem::take(&mut self.seen().latencies)
    }

    /// A stretch begins.
    pub(super) fn forget(&self) {
        let mut seen = self.seen();
        seen.arrived = 0;
        seen.latencies = Latencies::default();
    }

    async fn serve(&self, mut stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut buffer = Vec::with_capacity(4096);
        loop {
            let Some((end, length)) = head(&buffer) else {
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
                continue;
            };
            while buffer.len() < end + length {
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
            }
            self.take(&String::from_utf8_lossy(buffer.get(..end).unwrap_or_default()));
            buffer.drain(..end + length);
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
        }
    }

    fn take(&self, head: &str) {
        let id = head.lines().find_map(|line| line.strip_prefix("webhook-id: ")).unwrap_or_default();
        let mut seen = self.seen();
        match seen.under_way.remove(id) {
            Some(since) => {
                seen.arrived += 1;
                seen.latencies.add(since.elapsed());
            }
            None => seen.twice += 1,
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
