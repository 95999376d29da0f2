//! Takes the events of one key out of a stream, which is how a person's events are erased.

use events::{Key, partition, stream_name};

use super::listeners;
use crate::{Bus, BusError, Held};

/// What became of a key's events in one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purged {
    /// `EV_GATEWAY`
    pub stream: String,
    pub removed: u64,
    /// Why some are left: somebody has not handled them yet. `None` where none is left.
    pub held: Option<Held>,
}

impl Bus {
    /// Removes the events of `key` from a service's stream, as far as every durable consumer has acknowledged
    /// them: one that is still to be handled is nobody's to take away, and it may belong to what began since.
    /// Nothing is removed while one consumer does not tell how far it is. Other keys are not touched.
    pub async fn purge_key(&self, service: &str, key: &Key) -> Result<Purged, BusError> {
        let name = stream_name(service);
        let failed = |source: super::Source| BusError::Room { name: name.clone(), source };
        let stream = self.js.get_stream(&name).await.map_err(|e| failed(Box::new(e)))?;
        let state = &stream.cached_info().state;
        // `ev.<service>.<aggregate>.<event>.<pp>.<key>`, every event of the service.
        let subject = format!("ev.{service}.*.*.{:02}.{key}", partition(key));
        let mut purged = Purged { stream: name.clone(), removed: 0, held: None };
        let (through, by) = match listeners::asked(&stream, state).await.map_err(failed)? {
            Ok(Some(least)) => (least.through, Some(least.held())),
            Ok(None) => (state.last_sequence, None),
            Err(unsure) => (0, Some(unsure)),
        };
        if through > 0 {
            let purge = stream.purge().sequence(through + 1).filter(subject.as_str());
            purged.removed = purge.await.map_err(|e| failed(Box::new(e)))?.purged;
        }
        // What was stored since the question is not looked at: it is not older than the erasure.
        let left = listeners::next(&stream, &subject, 1).await.map_err(failed)?;
        purged.held = left.filter(|event| event.sequence <= state.last_sequence).and(by);
        Ok(purged)
    }
}
