use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{CreateStreamError, CreateStreamErrorKind};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use events::{stream_name, stream_subjects};

use crate::{Bus, BusError};

/// How long JetStream recognises a repeated event id; the inbox recognises it after that.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(5 * 60);
const RETENTION: Duration = Duration::from_secs(14 * 24 * 60 * 60);

impl Bus {
    /// Declares the stream of what `service` publishes. The publisher and every consumer call it, so that
    /// they may start in any order.
    pub async fn ensure_stream(&self, service: &str) -> Result<(), BusError> {
        let name = stream_name(service);
        let wanted = declared(service, self.replicas, self.max_stream_bytes);
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| BusError::Declare {
            what: "stream",
            name: name.clone(),
            source,
        };
        let refused = |error: CreateStreamError| match error.kind() {
            CreateStreamErrorKind::JetStream(why)
                if why.error_code() == ErrorCode::STORAGE_RESOURCES_EXCEEDED =>
            {
                BusError::NoRoom { name: name.clone(), bytes: self.max_stream_bytes }
            }
            _ => failed(Box::new(error)),
        };
        let mut stream = self.js.get_or_create_stream(wanted.clone()).await.map_err(refused)?;
        self.declared.add(service);
        let mut kept = stream.info().await.map_err(|e| failed(Box::new(e)))?.config.clone();
        if difference(&wanted, &kept).is_some() {
            tracing::warn!(stream = %name, "the stream has drifted from its declaration; correcting it");
            // Fields that are not declared here are left as an operator has set them.
            let corrected = Config {
                subjects: wanted.subjects.clone(),
                max_age: wanted.max_age,
                duplicate_window: wanted.duplicate_window,
                num_replicas: wanted.num_replicas,
                discard: wanted.discard,
                max_bytes: wanted.max_bytes,
                allow_direct: wanted.allow_direct,
                deny_delete: wanted.deny_delete,
                max_messages: wanted.max_messages,
                max_messages_per_subject: wanted.max_messages_per_subject,
                ..kept
            };
            kept = self.js.update_stream(corrected).await.map_err(refused)?.config;
        }
        match difference(&wanted, &kept) {
            None => Ok(()),
            Some((field, wanted, found)) => {
                Err(BusError::Drift { what: "stream", name, field, wanted, found })
            }
        }
    }
}

fn declared(service: &str, replicas: usize, max_bytes: u64) -> Config {
    Config {
        name: stream_name(service),
        subjects: vec![stream_subjects(service)],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        // Making room by itself, the server would take the oldest events whether or not they were handled.
        discard: DiscardPolicy::New,
        max_bytes: i64::try_from(max_bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(-1),
        max_age: RETENTION,
        duplicate_window: DUPLICATE_WINDOW,
        num_replicas: replicas,
        allow_direct: true,
        max_messages: -1,
        max_messages_per_subject: -1,
        ..Config::default()
    }
}

/// The first declared field that the server keeps otherwise: its name, what was wanted, what was found.
fn difference(wanted: &Config, kept: &Config) -> Option<(&'static str, String, String)> {
    macro_rules! compare {
        ($($field:ident),*) => {
            $(if wanted.$field != kept.$field {
                return Some((stringify!($field), format!("{:?}", wanted.$field), format!("{:?}", kept.$field)));
            })*
        };
    }
    compare!(
        subjects,
        storage,
        retention,
        discard,
        max_bytes,
        max_age,
        duplicate_window,
        num_replicas,
        allow_direct,
        deny_delete,
        max_messages,
        max_messages_per_subject
    );
    None
}
