//! The model worker, asked over gRPC.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ids::{Secret, TraceParent};
use rpc::llm::models_client::ModelsClient;
use rpc::llm::{CompleteRequest, CompleteResponse, ListRequest, ModelCard};
use rpc::{Bearer, Channel, InterceptedService, Status, Streaming, traced};

/// A connection carries as many calls at once as the other side lets it: 200.
pub(crate) const CALLS_OF_A_CONNECTION: usize = 200;
/// An answer that came in one piece; far above what a model writes.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// What is configured is told at once.
const LIST: Duration = Duration::from_secs(5);

type Client = ModelsClient<InterceptedService<Channel, Bearer>>;

/// Connections to the model worker, made when they are first used and again when they must, and used in turn. Several,
/// so that many calls go at once and more than one replica is asked. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Models(Arc<Inner>);

struct Inner {
    clients: Box<[Client]>,
    next: AtomicUsize,
}

impl Models {
    /// `None` where the address is none.
    pub(crate) fn new(url: &str, connections: u16, token: &Secret) -> Option<Self> {
        let bearer = Bearer::new(token);
        let client = |_| {
            let client = ModelsClient::with_interceptor(rpc::patient_channel(url)?, bearer.clone());
            Some(client.max_decoding_message_size(MOST_BYTES))
        };
        let clients = (0..connections.max(1)).map(client).collect::<Option<_>>()?;
        Some(Self(Arc::new(Inner { clients, next: AtomicUsize::new(0) })))
    }

    fn client(&self) -> Option<Client> {
        let turn = self.0.next.fetch_add(1, Ordering::Relaxed);
        let clients = &self.0.clients;
        clients.get(turn % clients.len()).cloned()
    }

    /// Asks a model; what comes back is read from the stream, and dropping that ends the call.
    pub(crate) async fn complete(
        &self,
        call: CompleteRequest,
        trace: TraceParent,
    ) -> Result<Streaming<CompleteResponse>, Status> {
        let mut client = self.client().ok_or_else(nobody)?;
        Ok(client.complete(traced(call, trace)).await?.into_inner())
    }

    /// The models that may be asked.
    pub(crate) async fn list(&self, trace: TraceParent) -> Result<Vec<ModelCard>, Status> {
        let mut client = self.client().ok_or_else(nobody)?;
        let mut request = traced(ListRequest::default(), trace);
        request.set_timeout(LIST);
        Ok(client.list(request).await?.into_inner().models)
    }
}

fn nobody() -> Status {
    Status::unavailable("there is no connection")
}
