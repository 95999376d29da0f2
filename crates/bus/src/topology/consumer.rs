use std::time::Duration;

use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, ReplayPolicy};
use events::stream_name;

use crate::{Bus, BusError};

/// One durable pull consumer.
#[derive(Clone, Debug)]
pub(crate) struct Durable {
    pub(crate) name: String,
    /// The service whose stream it reads.
    pub(crate) service: &'static str,
    pub(crate) filters: Vec<String>,
    pub(crate) max_ack_pending: i64,
    /// When an unacknowledged message is delivered again. The inbox makes that harmless.
    pub(crate) ack_wait: Duration,
}

impl Bus {
    pub(crate) async fn ensure_consumer(&self, durable: &Durable) -> Result<Consumer<Config>, BusError> {
        let wanted = declared(durable);
        let stream = stream_name(durable.service);
        // For the server creating and updating a durable are the same request.
        let consumer = self.js.create_consumer_on_stream(wanted.clone(), stream).await.map_err(|e| {
            BusError::Declare { what: "consumer", name: durable.name.clone(), source: Box::new(e) }
        })?;
        match difference(&wanted, &consumer.cached_info().config) {
            None => Ok(consumer),
            Some((field, wanted, found)) => {
                Err(BusError::Drift { what: "consumer", name: durable.name.clone(), field, wanted, found })
            }
        }
    }
}

fn declared(durable: &Durable) -> Config {
    let (filter_subject, filter_subjects) = match durable.filters.as_slice() {
        [one] => (one.clone(), Vec::new()),
        many => (String::new(), many.to_vec()),
    };
    Config {
        durable_name: Some(durable.name.clone()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: durable.ack_wait,
        // Giving up is our decision and leaves a dead letter; the server's would leave nothing.
        max_deliver: -1,
        filter_subject,
        filter_subjects,
        replay_policy: ReplayPolicy::Instant,
        max_ack_pending: durable.max_ack_pending,
        max_waiting: 512,
        ..Config::default()
    }
}

type Kept = async_nats::jetstream::consumer::Config;

fn difference(wanted: &Config, kept: &Kept) -> Option<(&'static str, String, String)> {
    macro_rules! compare {
        ($($field:ident),*) => {
            $(if wanted.$field != kept.$field {
                return Some((stringify!($field), format!("{:?}", wanted.$field), format!("{:?}", kept.$field)));
            })*
        };
    }
    compare!(
        deliver_policy,
        ack_policy,
        ack_wait,
        max_deliver,
        filter_subject,
        filter_subjects,
        max_ack_pending,
        max_waiting
    );
    None
}
