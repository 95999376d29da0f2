//! The people: each in a chat of their own, who write a line that the FAQ answers and wait for the answer.
//! Plain HTTP/1.1 on kept connections, so that the generator takes little of the machine it measures.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::latency::Latencies;

/// Chats of the run are numbered from here.
const FIRST_CHAT: i64 = 10_000;

/// What the generator and the simulator's observer share.
pub(crate) struct People {
    waiting: Vec<Mutex<Option<oneshot::Sender<Instant>>>>,
    /// Answers to each chat; those behind `waiting` are written to once.
    heard: Vec<AtomicU32>,
    answers: AtomicU64,
    update_id: AtomicI64,
    message_id: AtomicI64,
}

impl People {
    /// `chats` people who talk, and `once` more who will write one time.
    pub(crate) fn new(chats: usize, once: usize, first_update_id: i64) -> Arc<Self> {
        Arc::new(Self {
            waiting: (0..chats).map(|_| Mutex::new(None)).collect(),
            heard: (0..chats + once).map(|_| AtomicU32::new(0)).collect(),
            answers: AtomicU64::new(0),
            update_id: AtomicI64::new(first_update_id),
            message_id: AtomicI64::new(1),
        })
    }

    /// The simulator saw a message to this chat.
    pub(crate) fn answered(&self, chat: i64, at: Instant) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        let Ok(place) = usize::try_from(chat - FIRST_CHAT) else { return };
        if let Some(heard) = self.heard.get(place) {
            heard.fetch_add(1, Ordering::Relaxed);
        }
        let Some(slot) = self.waiting.get(place) else {
            return;
        };
        if let Some(waiter) = slot.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = waiter.send(at);
        }
    }

    pub(crate) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// How many answers this chat has had.
    pub(crate) fn heard(&self, chat: usize) -> u32 {
        self.heard.get(chat).map_or(0, |heard| heard.load(Ordering::Relaxed))
    }

    /// Every chat there is, also those that are written to once.
    pub(crate) fn all_chats(&self) -> usize {
        self.heard.len()
    }

    pub(crate) fn chats(&self) -> usize {
        self.waiting.len()
    }

    fn expect(&self, chat: usize) -> oneshot::Receiver<Instant> {
        let (sender, receiver) = oneshot::channel();
        if let Some(slot) = self.waiting.get(chat) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        }
        receiver
    }

    fn update(&self, chat: usize) -> String {
        let id = self.update_id.fetch_add(1, Ordering::Relaxed);
        let message = self.message_id.fetch_add(1, Ordering::Relaxed);
        let chat = FIRST_CHAT + i64::try_from(chat).unwrap_or(0);
        format!(
            r#"{{"update_id":{id},"message":{{"message_id":{message},"from":{{"id":{chat},"is_bot":false,"first_name":"Ann","language_code":"en"}},"chat":{{"id":{chat},"first_name":"Ann","type":"private"}},"date":1790000000,"text":"What services do you offer?"}}}}"#
        )
    }
}

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

/// What a measured stretch saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// From the first byte of the webhook call to the message at Telegram.
    pub(crate) to_answer: Latencies,
    /// From the first byte of the webhook call to its 200.
    pub(crate) to_ack: Latencies,
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) took: Duration,
}

/// As many people as `in_flight`, each of whom writes again as soon as the answer has come (or, with
/// `ack_only`, as soon as Telegram's 200 has).
pub(crate) async fn saturate(
    people: &Arc<People>,
    address: SocketAddr,
    secret: &str,
    in_flight: usize,
    length: Duration,
    ack_only: bool,
) -> Result<Seen> {
    let begin = Instant::now();
    let end = begin + length;
    let mut workers = Vec::with_capacity(in_flight);
    let share = people.chats() / in_flight.max(1);
    for worker in 0..in_flight {
        let (people, secret) = (people.clone(), secret.to_owned());
        workers.push(tokio::spawn(async move {
            let mut webhook = Webhook::connect(address, &secret).await?;
            let mut seen = Seen::default();
            let mut turn = 0;
            while Instant::now() < end {
                // Each worker has chats of its own and goes round them.
                let chat = worker * share + turn % share.max(1);
                turn += 1;
                one(&people, &mut webhook, chat, ack_only, &mut seen).await?;
            }
            Ok::<_, anyhow::Error>(seen)
        }));
    }
    gather(workers, begin).await
}

/// `rate` people a second, whatever the answers take; each connection carries one call at a time.
pub(crate) async fn steady(
    people: &Arc<People>,
    address: SocketAddr,
    secret: &str,
    rate: u32,
    length: Duration,
) -> Result<Seen> {
    let begin = Instant::now();
    let count = (length.as_secs_f64() * f64::from(rate)) as usize;
    let connections = 16.min(count.max(1));
    let mut workers = Vec::with_capacity(connections);
    for worker in 0..connections {
        let (people, secret) = (people.clone(), secret.to_owned());
        workers.push(tokio::spawn(async move {
            let mut webhook = Webhook::connect(address, &secret).await?;
            let mut seen = Seen::default();
            for nth in (worker..count).step_by(connections) {
                let due = begin + Duration::from_secs_f64(nth as f64 / f64::from(rate));
                tokio::time::sleep_until(due.into()).await;
                one(&people, &mut webhook, nth % people.chats(), false, &mut seen).await?;
            }
            Ok::<_, anyhow::Error>(seen)
        }));
    }
    gather(workers, begin).await
}

async fn one(
    people: &People,
    webhook: &mut Webhook,
    chat: usize,
    ack_only: bool,
    seen: &mut Seen,
) -> Result<()> {
    let answer = people.expect(chat);
    let body = people.update(chat);
    let sent = Instant::now();
    if webhook.post(&body).await? != 200 {
        seen.refused += 1;
        return Ok(());
    }
    seen.acknowledged += 1;
    seen.to_ack.add(sent.elapsed());
    if !ack_only {
        let at = tokio::time::timeout(Duration::from_secs(30), answer)
            .await
            .context("an acknowledged update was not answered within 30 s")?
            .context("the generator lost an answer")?;
        seen.to_answer.add(at.saturating_duration_since(sent));
    }
    Ok(())
}

async fn gather(workers: Vec<tokio::task::JoinHandle<Result<Seen>>>, begin: Instant) -> Result<Seen> {
    let mut all = Seen::default();
    for worker in workers {
        let seen = worker.await??;
        all.acknowledged += seen.acknowledged;
        all.refused += seen.refused;
        all.to_ack.append(seen.to_ack);
        all.to_answer.append(seen.to_answer);
    }
    all.took = begin.elapsed();
    Ok(all)
}

/// Posts one update and waits for no answer.
pub(crate) async fn post(people: &People, webhook: &mut Webhook, chat: usize) -> Result<u16> {
    webhook.post(&people.update(chat)).await
}
