//! A server that does exactly what it is told, byte by byte, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::http_server;
pub(super) use crate::http_server::Request as Asked;

/// What is done with one request.
#[derive(Clone)]
pub(super) enum Step {
    Send(Vec<u8>),
    /// Waits until the test says so; see [`Server::go_on`].
    Gate,
    /// Sends this for as long as somebody takes it.
    Forever(Vec<u8>),
    /// Says nothing more, until the other side has gone.
    Silence,
    /// Closes the connection in the middle.
    Cut,
}

pub(super) type Script = Vec<Step>;

/// Chooses a script by the number of the request, from 0, and the request itself.
type Choose = dyn Fn(usize, &Asked) -> Script + Send + Sync;

pub(super) struct Server {
    pub(super) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    gate: watch::Sender<usize>,
    left: watch::Receiver<usize>,
}

impl Server {
    /// The scripts in their order, and the last one for ever.
    pub(super) async fn playing(scripts: Vec<Script>) -> Self {
        Self::choosing(move |number, _| scripts[number.min(scripts.len() - 1)].clone()).await
    }

    pub(super) async fn choosing(choose: impl Fn(usize, &Asked) -> Script + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (gate, gated) = watch::channel(0);
        let (gone, left) = watch::channel(0);
        let (list, choose): (_, Arc<Choose>) = (asked.clone(), Arc::new(choose));
        let gone = Arc::new(gone);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (list, choose, gated, gone) = (list.clone(), choose.clone(), gated.clone(), gone.clone());
                tokio::spawn(async move {
                    serve(stream, &list, &*choose, gated).await;
                    gone.send_modify(|gone| *gone += 1);
                });
            }
        });
        Self { address, asked, gate, left }
    }

    /// Opens every gate that a request waits at now.
    pub(super) fn go_on(&self) {
        self.gate.send_modify(|opened| *opened += 1);
    }

    pub(super) fn calls(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The last request.
    pub(super) fn last<T>(&self, look: impl FnOnce(&Asked) -> T) -> T {
        look(self.asked.lock().unwrap().last().unwrap())
    }

    /// Waits until a connection has ended.
    pub(super) async fn somebody_left(&self) {
        self.left.clone().wait_for(|gone| *gone > 0).await.unwrap();
    }
}

async fn serve(
    mut stream: TcpStream,
    list: &Mutex<Vec<Asked>>,
    choose: &Choose,
    mut gate: watch::Receiver<usize>,
) {
    while let Some(asked) = Asked::read(&mut stream).await {
        let opened = *gate.borrow_and_update();
        let script = {
            let mut list = list.lock().unwrap();
            let script = choose(list.len(), &asked);
            list.push(asked);
            script
        };
        let mut next_gate = opened + 1;
        for step in script {
            let went = match step {
                Step::Send(bytes) => stream.write_all(&bytes).await.is_ok(),
                Step::Gate => {
                    let passed = gate.wait_for(|opened| *opened >= next_gate).await.is_ok();
                    next_gate += 1;
                    passed
                }
                Step::Forever(bytes) => {
                    while stream.write_all(&bytes).await.is_ok() {}
                    false
                }
                Step::Silence => {
                    let mut byte = [0];
                    let _ = stream.read(&mut byte).await;
                    false
                }
                Step::Cut => false,
            };
            if !went {
                return;
            }
        }
    }
}

/// A whole answer with its length.
pub(super) fn response(status: u16, headers: &str, body: &str) -> Script {
    vec![Step::Send(http_server::response(status, headers, body))]
}

/// The head of a stream in chunks.
pub(super) fn stream_head() -> Step {
    Step::Send(http_server::stream_head())
}

/// One chunk of a stream.
pub(super) fn chunk(bytes: &[u8]) -> Step {
    Step::Send(http_server::chunk(bytes))
}

/// The end of a stream, as HTTP has it.
pub(super) fn last_chunk() -> Step {
    Step::Send(http_server::last_chunk())
}

/// A stream of these parts that ends well.
pub(super) fn streamed<'a>(parts: impl IntoIterator<Item = &'a str>) -> Script {
    let mut script = vec![stream_head()];
    script.extend(parts.into_iter().map(|part| chunk(part.as_bytes())));
    script.push(last_chunk());
    script
}
