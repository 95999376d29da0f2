//! A provider that takes as long as it is told and then says what it always says, in OpenAI's shape. Plain sockets, so
//! that it takes little of the machine it shares.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::http::head;

/// Tokens of a streamed answer, a piece each.
const PIECES: usize = 20;

pub(super) struct Upstream {
    address: SocketAddr,
    delay_ms: Arc<AtomicU64>,
}

struct Answers {
    whole: Vec<u8>,
    stream: Vec<u8>,
}

impl Upstream {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, delay_ms) = (listener.local_addr()?, Arc::new(AtomicU64::new(0)));
        let (answers, delay) = (Arc::new(Answers::new()), delay_ms.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, delay) = (answers.clone(), delay.clone());
                // A caller that goes away ends its connection and nothing else.
                tokio::spawn(async move { serve(stream, &answers, &delay).await.is_ok() });
            }
        });
        Ok(Self { address, delay_ms })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn delay(&self, delay: Duration) {
        self.delay_ms.store(delay.as_millis() as u64, Ordering::Relaxed);
    }
}

impl Answers {
    fn new() -> Self {
        let words = "alpha ".repeat(PIECES);
        let usage = r#""usage":{"prompt_tokens":20,"completion_tokens":20,"total_tokens":40}"#;
        let body = format!(
            r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1790000000,"model":"parrot-1","choices":[{{"index":0,"message":{{"role":"assistant","content":"{words}"}},"finish_reason":"stop"}}],{usage}}}"#
        );
        let length = body.len();
        let whole = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        let chunk = |rest: &str| {
            let event = format!(
                "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"parrot-1\",{rest}}}\n\n"
            );
            format!("{:x}\r\n{event}\r\n", event.len())
        };
        let delta = |delta: &str, finish: &str| {
            chunk(&format!(r#""choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]"#))
        };
        let mut stream =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                .to_owned();
        stream.push_str(&delta(r#"{"role":"assistant","content":""}"#, "null"));
        for _ in 0..PIECES {
            stream.push_str(&delta(r#"{"content":"alpha "}"#, "null"));
        }
        stream.push_str(&delta("{}", r#""stop""#));
        stream.push_str(&chunk(&format!(r#""choices":[],{usage}"#)));
        stream.push_str("e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
        Self { whole: whole.into_bytes(), stream: stream.into_bytes() }
    }
}

async fn serve(mut stream: TcpStream, answers: &Answers, delay_ms: &AtomicU64) -> Result<()> {
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
        let body = buffer.get(end..end + length).unwrap_or_default();
        let streams = [b"\"stream\":true".as_slice(), b"\"stream\": true"];
        let is_stream = streams.iter().any(|mark| body.windows(mark.len()).any(|window| window == *mark));
        buffer.drain(..end + length);
        let delay = delay_ms.load(Ordering::Relaxed);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        stream.write_all(if is_stream { &answers.stream } else { &answers.whole }).await?;
    }
}
