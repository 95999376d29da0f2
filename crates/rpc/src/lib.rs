//! What services ask each other and wait for: gRPC clients and servers generated from `proto/`, and the
//! token by which one role of an installation knows another.

mod token;

pub use token::Bearer;
pub use tonic::service::interceptor::InterceptedService;
pub use tonic::transport::Channel;
pub use tonic::{Code, Request, Response, Status};

/// The numbers of a period, asked of analytics.
pub mod analytics {
    #![expect(clippy::allow_attributes, reason = "generated code")]
    tonic::include_proto!("dragoman.analytics.v1");
}
