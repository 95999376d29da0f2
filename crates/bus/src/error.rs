use classify::{Class, Classify};

/// A failure of the bus itself.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    #[error("[nats] url is wrong: {0}")]
    Address(&'static str),
    #[error("can not connect to NATS at {address}; is it running, and is [nats] url right?")]
    Connect { address: String, source: async_nats::ConnectError },
    #[error(
        "NATS at {address} is version {found}, but 2.11 or newer is needed; upgrade it or name another server in [nats] url"
    )]
    TooOld { address: String, found: String },
    #[error("NATS at {address} runs without JetStream; start it with -js")]
    NoJetStream { address: String },
    #[error(
        "NATS at {address} takes messages of {found} bytes at most, but an update may need {needed}; set max_payload: 2MB in its configuration"
    )]
    Narrow { address: String, found: usize, needed: usize },
    #[error("NATS is not connected")]
    Disconnected,
    #[error("JetStream did not acknowledge the event")]
    NotAcknowledged(#[source] async_nats::jetstream::context::PublishError),
    #[error("an earlier event of the same key was not stored")]
    Behind,
    #[error("the {what} {name} could not be declared")]
    Declare { what: &'static str, name: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error(
        "NATS can not promise {bytes} bytes to the stream {name}; raise its max_file_store, or lower [nats] max_stream_bytes"
    )]
    NoRoom { name: String, bytes: u64 },
    #[error("how full the stream {name} is could not be seen to")]
    Room { name: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error(
        "the server keeps {what} {name} with {field} = {found}, but {wanted} was asked for; it can not be changed in place"
    )]
    Drift { what: &'static str, name: String, field: &'static str, wanted: String, found: String },
    #[error("the messages of {consumer} can not be pulled")]
    Pull { consumer: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("NATS did not take a message that may be lost")]
    Core(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the bus could not use the database")]
    Database(#[from] pg::PgError),
}

impl From<sqlx::Error> for BusError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Classify for BusError {
    fn class(&self) -> Class {
        match self {
            Self::Connect { .. }
            | Self::Disconnected
            | Self::Behind
            | Self::NotAcknowledged(_)
            | Self::Declare { .. }
            | Self::Room { .. }
            | Self::Pull { .. }
            | Self::Core(_) => Class::Transient,
            Self::TooOld { .. }
            | Self::NoJetStream { .. }
            | Self::Narrow { .. }
            | Self::NoRoom { .. }
            | Self::Drift { .. } => Class::Permanent,
            Self::Address(_) => Class::Invalid,
            Self::Database(error) => error.class(),
        }
    }
}
