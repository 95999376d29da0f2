//! Starts and stops a simulator: listens, serves each connection, and can cut one in the middle.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::handler::Handler;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::bot_api::{self, Kill};
use crate::error::StartError;
use crate::options::Options;
use crate::state::{CountersView, Sim};
use crate::{control, page};

/// The simulator as a library.
#[derive(Debug)]
pub struct Simulator;

/// A simulator that runs. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    sim: Arc<Sim>,
    task: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Makes the bots and listens. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// The address is taken or not ours, or a bot is not one.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let listen = options.listen;
        let unavailable = |source| StartError::Listen { addr: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(unavailable)?;
        let addr = listener.local_addr().map_err(unavailable)?;
        let sim = Arc::new(Sim::new(options));
        for spec in &sim.options.bots {
            sim.add_bot(spec)?;
        }
        if sim.options.demo {
            sim.add_demo();
        }
        let router = router(sim.clone());
        let task = tokio::spawn(accept(listener, router, sim.shutdown.clone()));
        tracing::info!(%addr, bots = sim.bots().len(), lean = sim.options.lean, "the Telegram simulator listens");
        Ok(Running { addr, sim, task: Some(task) })
    }
}

impl Running {
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:8081`: the base of the Bot API, of the control API, and the chat page.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What was called how often since the start.
    #[must_use]
    pub fn counters(&self) -> CountersView {
        self.sim.counters.view()
    }

    /// Stops listening, lets calls under way finish for a second, and closes every connection.
    pub async fn shutdown(mut self) {
        self.sim.shutdown.cancel();
        if let Some(task) = self.task.take() {
            // A task that panicked has stopped as well.
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.sim.shutdown.cancel();
    }
}

fn router(sim: Arc<Sim>) -> Router {
    async fn serve_bots(State(sim): State<Arc<Sim>>, request: Request<Body>) -> Response<Body> {
        bot_api::serve(sim, request).await
    }
    control::router()
        .merge(page::router())
        .fallback(serve_bots.layer(DefaultBodyLimit::max(bot_api::LARGEST_REQUEST)))
        .with_state(sim)
}

async fn accept(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, router.clone(), shutdown.clone()));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: some will be free again soon.
                    tracing::warn!(%error, "the simulator can not accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    let finish = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(1), finish).await.is_err() {
        connections.shutdown().await;
    }
}

async fn serve(stream: TcpStream, router: Router, shutdown: CancellationToken) {
    // Small answers must not wait for more.
    let _ = stream.set_nodelay(true);
    let kill = Kill(CancellationToken::new());
    let service = {
        let kill = kill.clone();
        service_fn(move |request: Request<Incoming>| call(router.clone(), kill.clone(), request))
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .pipeline_flush(true)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        () = kill.0.cancelled() => return,
        _ = connection.as_mut() => return,
        () = shutdown.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    // A connection that ends badly is the caller's loss.
    let _ = connection.await;
}

async fn call(
    router: Router,
    kill: Kill,
    request: Request<Incoming>,
) -> Result<Response<Body>, std::convert::Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(kill);
    router.oneshot(request).await
}
