use classify::{Class, Failure};
use events::Trail;
use ids::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A job to be written by [`crate::Jobs::enqueue`].
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The name of the queue, [`crate::QueueSpec::name`].
    pub queue: &'static str,
    /// Jobs of one key run one at a time, in the order they were written.
    pub key: String,
    /// What the queue's handler reads; the library does not look inside.
    pub payload: Vec<u8>,
    /// Not before then; `None` is at once. The jobs of the same key that follow wait too.
    pub run_at: Option<Timestamp>,
    pub trail: Trail,
}

impl NewJob {
    /// A job that carries `payload` as JSON and may run at once.
    ///
    /// # Errors
    /// `Permanent` when the payload can not be written as JSON.
    pub fn json<T: Serialize>(
        queue: &'static str,
        key: impl Into<String>,
        payload: &T,
        trail: Trail,
    ) -> Result<Self, Failure> {
        let payload = serde_json::to_vec(payload).map_err(|error| Failure::new(Class::Permanent, error))?;
        Ok(Self { queue, key: key.into(), payload, run_at: None, trail })
    }
}

/// A job that this process holds.
#[derive(Clone, Debug)]
pub struct Job {
    /// Unique within the service's schema, never used twice: with the queue's name, the idempotency key of
    /// the outside call.
    pub id: i64,
    pub queue: &'static str,
    pub key: String,
    pub payload: Vec<u8>,
    /// The attempt that now begins: 1 for the first.
    pub attempt: u32,
    /// How many earlier attempts left unknown whether their call had an effect: they were cut off by the end
    /// of their process, lost their lease, or ended with [`crate::JobError::Unknown`].
    pub interrupted: u32,
    pub enqueued_at: Timestamp,
    pub trail: Trail,
    /// Counts every time the job was taken: what the taker must show to finish it.
    pub(crate) lease: i32,
}

impl Job {
    /// Reads a payload written by [`NewJob::json`].
    ///
    /// # Errors
    /// `Permanent` when it is not what `T` expects.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        // The error's own text quotes what it stumbled over, and that may be somebody's words.
        serde_json::from_slice(&self.payload).map_err(|error| {
            let (what, column) = (error.classify(), error.column());
            Failure::new(
                Class::Permanent,
                format!("the payload can not be read: {what:?} at column {column}"),
            )
        })
    }
}
