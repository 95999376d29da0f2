//! The process's Prometheus metrics: one recorder, what its names mean, and the page of `/metrics`.

use std::sync::OnceLock;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Seconds: 0.5 ms to a minute, twice to two and a half times from one to the next.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0];
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The page of metrics. Every call of [`metrics`] gives the same.
#[derive(Clone, Debug)]
pub struct Metrics(Option<PrometheusHandle>);

impl Metrics {
    /// The page in the text format of Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.as_ref().map(PrometheusHandle::render).unwrap_or_default()
    }

    /// Moves observations out of the buffers that the hot path writes into; to be called every few seconds.
    pub fn upkeep(&self) {
        if let Some(handle) = &self.0 {
            handle.run_upkeep();
        }
    }
}

/// Installs the recorder, the first time; what is measured before that is lost. Should the process have a
/// recorder of another kind, the page stays empty.
pub fn metrics() -> Metrics {
    static INSTALLED: OnceLock<Metrics> = OnceLock::new();
    INSTALLED.get_or_init(install).clone()
}

fn install() -> Metrics {
    let built = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_batch_size".to_owned()), SIZES)
        .and_then(|builder| builder.set_buckets(SECONDS));
    let recorder = match built {
        Ok(builder) => builder.build_recorder(),
        Err(error) => {
            tracing::error!(%error, "no metrics: the histograms' buckets are refused");
            return Metrics(None);
        }
    };
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("no metrics: the process has a recorder already");
        return Metrics(None);
    }
    describe();
    Metrics(Some(handle))
}

/// Every metric there is, whichever crate records it.
fn describe() {
    for (name, text) in [
        (
            "dragoman_http_requests_total",
            "HTTP and gRPC requests answered, by role, route, method and status",
        ),
        ("dragoman_events_handled_total", "events taken from the bus, by consumer and outcome"),
        ("dragoman_outbox_published_total", "events published from a service's outbox"),
        ("dragoman_jobs_finished_total", "attempts at jobs that ended, by queue and outcome"),
        ("dragoman_updates_received_total", "Telegram updates, by bot, kind and outcome"),
        ("dragoman_telegram_calls_total", "calls of the Bot API, by method and outcome"),
        ("dragoman_model_requests_total", "questions to model providers, by provider and outcome"),
        ("dragoman_model_cost_micros_total", "what models cost, in millionths of the currency unit"),
        ("dragoman_model_answers_total", "answers of models that had begun, by provider and end"),
        ("dragoman_model_failures_total", "calls of models that failed before an answer began, by reason"),
        ("dragoman_model_repeats_total", "calls of models that were repeated, by provider and reason"),
        ("dragoman_crm_deliveries_total", "attempts to deliver a lead, by endpoint and outcome"),
        (
            "dragoman_crm_leads_ignored_total",
            "leads that no endpoint wants and that are to be ignored, by bot",
        ),
        ("dragoman_limits_total", "steps about people who are limited, by bot, change and why"),
        ("dragoman_leads_total", "leads captured, by bot and temperature"),
        ("dragoman_task_failures_total", "background tasks that failed or panicked, by role and task"),
    ] {
        describe_counter!(name, text);
    }
    for (name, text) in [
        ("dragoman_http_request_seconds", "time from a request's head to its answer's head"),
        ("dragoman_event_handle_seconds", "time of one attempt at a batch of events, commit included"),
        ("dragoman_job_seconds", "time of one attempt at a job"),
        ("dragoman_model_seconds", "time of one question to a model provider"),
        ("dragoman_model_first_piece_seconds", "time of a call of a model up to its first piece"),
        ("dragoman_model_call_seconds", "time of a call of a model up to its end, whatever that was"),
    ] {
        describe_histogram!(name, Unit::Seconds, text);
    }
    describe_histogram!("dragoman_consumer_batch_size", Unit::Count, "events committed in one transaction");
    for (name, text) in [
        ("dragoman_outbox_pending", "events written but not yet published, counted up to 100,000"),
        ("dragoman_outbox_oldest_age_seconds", "age of the oldest event not yet published"),
        ("dragoman_jobs_pending", "jobs not yet ended: waiting for their time or their turn, due, running"),
        ("dragoman_job_oldest_age_seconds", "how long the oldest job that may run and does not has been due"),
        ("dragoman_model_breaker", "a provider: 0 it works, 1 one call tries it, 2 it is left alone"),
        ("dragoman_model_calls_under_way", "calls of models under way, by provider"),
        ("dragoman_model_calls_waiting", "calls of models that wait for a place, by provider"),
        ("dragoman_model_keys_resting", "keys of a provider that are set aside for a while"),
        (
            "dragoman_crm_endpoint_disabled",
            "an endpoint: 0 it is called, 1 it is disabled and not called any more",
        ),
        ("dragoman_dead_letters", "events and jobs given up and not yet replayed or discarded"),
    ] {
        describe_gauge!(name, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_has_buckets_and_every_name_its_help() {
        let page = metrics();
        metrics::histogram!("dragoman_job_seconds", "queue" => "test-metric").record(0.004);
        metrics::histogram!("dragoman_consumer_batch_size", "consumer" => "test-metric").record(3.0);
        metrics().upkeep();
        let text = page.render();
        assert!(text.contains("# HELP dragoman_job_seconds time of one attempt at a job"), "{text}");
        assert!(text.contains(r#"dragoman_job_seconds_bucket{queue="test-metric",le="0.005"} 1"#), "{text}");
        assert!(
            text.contains(r#"dragoman_consumer_batch_size_bucket{consumer="test-metric",le="4"} 1"#),
            "{text}"
        );
    }
}
