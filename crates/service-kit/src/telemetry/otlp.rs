//! The export of spans to an OpenTelemetry collector, OTLP over HTTP, in batches from a thread of its own.

use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};

use super::TelemetryError;
use crate::Role;
use crate::settings::LogConfig;

/// `None` when no endpoint is configured.
pub(super) fn provider(
    config: &LogConfig,
    roles: &[&dyn Role],
) -> Result<Option<SdkTracerProvider>, TelemetryError> {
    let base = config.otlp_endpoint.trim_end_matches('/');
    if base.is_empty() {
        return Ok(None);
    }
    let refuse = |reason: String| TelemetryError::Endpoint { reason };
    let uri: http::Uri = base.parse().map_err(|error: http::uri::InvalidUri| refuse(error.to_string()))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() {
        return Err(refuse("it has no http:// and host".to_owned()));
    }
    // The exporter makes its own HTTP client, which asks the process for its cryptography; an error says
    // that the process has one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Given in code, the address is taken as it is: the path of the traces is ours to add.
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{base}/v1/traces"))
        .build()
        .map_err(|error| refuse(error.to_string()))?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.otlp_sample))))
        .with_resource(Resource::builder().with_service_name(service(roles)).build())
        .build();
    Ok(Some(provider))
}

/// What a trace names the process by: `dragoman-bot`; `dragoman` where many roles run in one.
fn service(roles: &[&dyn Role]) -> String {
    match roles {
        [one] => format!("dragoman-{}", one.name()),
        _ => "dragoman".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};

    use opentelemetry::trace::{Tracer, TracerProvider};

    use super::*;

    /// The head of the first request, answered with nothing.
    fn first_line(listener: &TcpListener) -> String {
        let (mut stream, _): (TcpStream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            let mut some = [0; 512];
            let read = stream.read(&mut some).unwrap();
            head.extend_from_slice(&some[..read]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn spans_are_posted_to_the_collector_at_the_latest_when_the_guard_goes() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/", listener.local_addr().unwrap());
        let collector = std::thread::spawn(move || first_line(&listener));
        let config = LogConfig { otlp_endpoint: endpoint, ..LogConfig::default() };
        let provider = provider(&config, &[]).unwrap().unwrap();
        drop(provider.tracer("test").start("work"));
        drop(super::super::Guard(Some(provider)));
        assert_eq!(collector.join().unwrap(), "POST /v1/traces HTTP/1.1");
    }

    #[test]
    fn without_an_endpoint_there_is_nothing() {
        assert!(provider(&LogConfig::default(), &[]).unwrap().is_none());
    }
}
