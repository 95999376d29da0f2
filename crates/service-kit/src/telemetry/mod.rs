//! What a process tells about itself: log lines, spans and metrics. Set up once, by the program.
//!
//! A span with a field `traceparent` (the text of an `ids::TraceParent`) belongs to that trace: every log
//! line inside it carries `trace_id`, and when spans are exported it is the child of the span that the text
//! names. That is all a crate has to do to be traced; it needs nothing from here.

mod json;
mod metric;
mod otlp;
mod trace;

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};

use classify::{Class, Classify};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

pub use metric::{Metrics, metrics};
pub use trace::{follows, of_span, span};

use crate::Role;
use crate::settings::{LogConfig, LogFormat};

/// Libraries that speak of each connection or frame. `[log] level` may name them to hear them again.
const QUIET: &str =
    "async_nats=warn,h2=warn,hyper=warn,hyper_util=warn,reqwest=warn,sqlx=warn,tonic=warn,tower=warn";

#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error(
        "[log] level is not understood ({reason}); give a level such as info, or directives such as info,bot=debug"
    )]
    Level { reason: String },
    #[error(
        "[log] otlp_endpoint can not be used ({reason}); give a base address such as http://127.0.0.1:4318 or leave it empty"
    )]
    Endpoint { reason: String },
}

impl Classify for TelemetryError {
    fn class(&self) -> Class {
        Class::Invalid
    }
}

/// Keeps the export of spans alive; dropping it sends what is left. Keep it until the very end of `main`.
#[must_use = "dropping the guard ends the export of spans"]
#[derive(Debug, Default)]
pub struct Guard(Option<SdkTracerProvider>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take()
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(%error, "the last spans were not exported");
        }
    }
}

/// Sets up logging, and the export of spans if an endpoint is configured; without one there is no layer for
/// it and it costs nothing. Lines go to the standard error. In a process that has a subscriber already (a
/// test), nothing is changed. Spans carry the names of `roles` as their service's.
///
/// # Errors
/// The level or the endpoint is not understood.
pub fn init(config: &LogConfig, roles: &[&dyn Role]) -> Result<Guard, TelemetryError> {
    // Later directives win over earlier ones for the same target.
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.level))
        .map_err(|error| TelemetryError::Level { reason: error.to_string() })?;
    let provider = otlp::provider(config, roles)?;
    let export = provider.as_ref().map(trace::export_layer);
    let on_terminal = io::stderr().is_terminal();
    let lines = match config.format {
        LogFormat::Auto if on_terminal => fmt::layer().with_writer(io::stderr).boxed(),
        LogFormat::Pretty => fmt::layer().with_writer(io::stderr).with_ansi(on_terminal).boxed(),
        LogFormat::Auto | LogFormat::Json => {
            fmt::layer().fmt_fields(json::fields()).event_format(json::Line).with_writer(io::stderr).boxed()
        }
    };
    let exporting = provider.is_some();
    let subscriber = tracing_subscriber::registry().with(filter).with(export).with(lines);
    if subscriber.try_init().is_err() {
        return Ok(Guard::default());
    }
    EXPORTS.store(exporting, Ordering::Relaxed);
    Ok(Guard(provider))
}

static EXPORTS: AtomicBool = AtomicBool::new(false);

/// Whether spans are exported, so that nobody asks a span for its id in vain.
pub(crate) fn exports() -> bool {
    EXPORTS.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_is_none_is_told() {
        let config = LogConfig { level: "bot=loud".to_owned(), ..LogConfig::default() };
        let text = init(&config, &[]).unwrap_err().to_string();
        assert!(text.starts_with("[log] level is not understood ("), "{text}");
    }

    #[test]
    fn an_endpoint_that_is_none_is_told() {
        let config = LogConfig { otlp_endpoint: "not an address".to_owned(), ..LogConfig::default() };
        let text = init(&config, &[]).unwrap_err().to_string();
        assert!(text.starts_with("[log] otlp_endpoint can not be used ("), "{text}");
    }
}
