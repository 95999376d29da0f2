//! Calls to the gRPC services of other roles.

use std::time::Duration;

use ids::{Secret, TraceParent};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Endpoint;
use tonic::{Request, Status};

use crate::StartError;

/// What a generated client is made with: `KpiClient::new(channel)`. Cheap to clone.
pub type Channel = InterceptedService<tonic::transport::Channel, Internal>;

/// Adds to each call the internal token, and the trace if the request has one among its extensions:
/// `request.extensions_mut().insert(trace)`.
#[derive(Clone)]
pub struct Internal {
    authorization: MetadataValue<Ascii>,
}

impl std::fmt::Debug for Internal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Internal(***)")
    }
}

impl Interceptor for Internal {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.authorization.clone());
        let trace = request.extensions().get::<TraceParent>().map(ToString::to_string);
        if let Some(value) = trace.and_then(|text| MetadataValue::try_from(text).ok()) {
            request.metadata_mut().insert("traceparent", value);
        }
        Ok(request)
    }
}

/// A connection to the role at `address` (`http://host:port`), made when it is first used and made again
/// when it breaks. A call takes 10 s at most.
///
/// # Errors
/// The address is none, or the token can not stand in a header.
pub fn channel(address: &str, internal_token: &Secret) -> Result<Channel, StartError> {
    let refuse = || StartError::Address { address: address.to_owned() };
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(|_| refuse())?;
    if endpoint.uri().scheme_str() != Some("http") || endpoint.uri().host().is_none() {
        return Err(refuse());
    }
    let channel = endpoint
        .connect_timeout(Duration::from_secs(2))
        .timeout(Duration::from_secs(10))
        .http2_keep_alive_interval(Duration::from_secs(20))
        .connect_lazy();
    let mut authorization = MetadataValue::try_from(format!("Bearer {}", internal_token.expose()))
        .map_err(|_| StartError::InternalToken)?;
    authorization.set_sensitive(true);
    Ok(InterceptedService::new(channel, Internal { authorization }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_address_is_refused_at_the_start() {
        for wrong in ["", "127.0.0.1:8080", "https://a:1", "http://"] {
            assert!(channel(wrong, &Secret::new("t")).is_err(), "{wrong}");
        }
        assert!(channel("http://127.0.0.1:8080", &Secret::new("line\nbreak")).is_err());
        assert!(channel("http://127.0.0.1:8080", &Secret::new("t")).is_ok());
    }

    #[test]
    fn a_call_carries_the_token_and_its_trace() {
        let mut internal = Internal { authorization: MetadataValue::from_static("Bearer t") };
        let mut request = Request::new(());
        request.extensions_mut().insert(TraceParent::new(1, 2));
        let sent = internal.call(request).unwrap();
        assert_eq!(sent.metadata().get("authorization").unwrap(), "Bearer t");
        assert!(
            sent.metadata().get("traceparent").unwrap().to_str().unwrap().ends_with("-0000000000000002-01")
        );
    }
}
