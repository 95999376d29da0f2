//! What services ask each other and wait for: gRPC clients and servers generated from `proto/`, and the
//! token by which one role of an installation knows another.

mod failure;
mod token;

use std::time::Duration;

pub use failure::{failure, refusal};
pub use token::Bearer;
pub use tonic::service::interceptor::InterceptedService;
pub use tonic::transport::Channel;
use tonic::transport::Endpoint;
pub use tonic::{Code, Request, Response, Status, Streaming};

use ids::TraceParent;

/// Another role is near; one that does not take a connection within this time is down.
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(5);
/// On a connection whose calls may take minutes nothing else shows that the other side is gone.
const ALIVE: Duration = Duration::from_secs(10);

/// A connection to a role at `http://host:port`, made when it is first used. `None` where that is no such address.
#[must_use]
pub fn channel(url: &str) -> Option<Channel> {
    Some(endpoint(url)?.timeout(ANSWER).connect_lazy())
}

/// The same for calls that take as long as they take: a stream that is waited for.
#[must_use]
pub fn patient_channel(url: &str) -> Option<Channel> {
    let endpoint = endpoint(url)?.http2_keep_alive_interval(ALIVE).keep_alive_timeout(ALIVE);
    Some(endpoint.connect_lazy())
}

/// What is asked, as a part of the trace in which it is asked.
#[must_use]
pub fn traced<T>(message: T, trace: TraceParent) -> Request<T> {
    let mut request = Request::new(message);
    if let Ok(value) = trace.to_string().parse() {
        request.metadata_mut().insert("traceparent", value);
    }
    request
}

fn endpoint(url: &str) -> Option<Endpoint> {
    let endpoint = Channel::from_shared(url.to_owned()).ok()?;
    if endpoint.uri().scheme_str() != Some("http") || endpoint.uri().host().is_none() {
        return None;
    }
    Some(endpoint.connect_timeout(CONNECT))
}

/// The numbers of a period, asked of analytics.
pub mod analytics {
    #![expect(clippy::allow_attributes, reason = "generated code")]
    tonic::include_proto!("dragoman.analytics.v1");
}

/// What a bot is in a version, asked of the bot service.
pub mod bot {
    #![expect(clippy::allow_attributes, reason = "generated code")]
    tonic::include_proto!("dragoman.bot.v1");
}

/// What of a lead goes where at an account of a CRM, asked of the CRM service.
pub mod crm {
    #![expect(clippy::allow_attributes, reason = "generated code")]
    tonic::include_proto!("dragoman.crm.v1");
}

/// An answer of a model, asked of the model worker.
pub mod llm {
    #![expect(clippy::allow_attributes, reason = "generated code")]
    tonic::include_proto!("dragoman.llm.v1");
}
