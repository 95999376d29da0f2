//! What services ask each other and wait for: gRPC clients and servers generated from `proto/`, and the
//! token by which one role of an installation knows another.

mod token;

use std::time::Duration;

pub use token::Bearer;
pub use tonic::service::interceptor::InterceptedService;
pub use tonic::transport::Channel;
pub use tonic::{Code, Request, Response, Status};

/// Another role is near; one that does not take a connection within this time is down.
const CONNECT: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(5);

/// A connection to a role at `http://host:port`, made when it is first used. `None` where that is no such address.
#[must_use]
pub fn channel(url: &str) -> Option<Channel> {
    let endpoint = Channel::from_shared(url.to_owned()).ok()?;
    if endpoint.uri().scheme_str() != Some("http") || endpoint.uri().host().is_none() {
        return None;
    }
    let channel = endpoint.connect_timeout(CONNECT).timeout(ANSWER).connect_lazy();
    Some(channel)
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

/// An answer of a model, asked of the model worker.
pub mod llm {
    #![expect(clippy::allow_attributes, reason = "generated code")]
    tonic::include_proto!("dragoman.llm.v1");
}
