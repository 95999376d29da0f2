use std::collections::HashSet;
use std::future::{Future, IntoFuture};

use async_nats::HeaderMap;
use async_nats::connection::State;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use events::{Envelope, Key, header};
use futures::future::join_all;

use crate::connection::ACK_TIMEOUT;
use crate::{Bus, BusError};

/// What JetStream said to a publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The stream had this event already (same id, within the duplicate window) and stored nothing.
    pub duplicate: bool,
    pub sequence: u64,
}

impl Bus {
    /// Publishes an event and waits until JetStream has stored it.
    pub async fn publish(&self, envelope: Envelope) -> Result<Published, BusError> {
        self.start_publish(envelope).await?.await
    }

    /// Publishes events, those of one key strictly in their order: while one is not acknowledged, none behind
    /// it is sent, and where one fails, those behind it fail too. Different keys go together. One result
    /// per event, in the order given.
    pub async fn publish_all(&self, envelopes: Vec<Envelope>) -> Vec<Result<Published, BusError>> {
        let mut results: Vec<Option<Result<Published, BusError>>> = envelopes.iter().map(|_| None).collect();
        let mut waiting: Vec<(usize, Envelope)> = envelopes.into_iter().enumerate().collect();
        let mut broken: HashSet<Key> = HashSet::new();
        while !waiting.is_empty() {
            let mut keys = HashSet::new();
            let (round, later): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(_, envelope)| keys.insert(envelope.key.clone()));
            waiting = later;
            let mut under_way = Vec::with_capacity(round.len());
            for (place, envelope) in round {
                let key = envelope.key.clone();
                if broken.contains(&key) {
                    results[place] = Some(Err(BusError::Behind));
                    continue;
                }
                let started = self.start_publish(envelope).await;
                under_way.push(async move {
                    let result = match started {
                        Ok(ack) => ack.await,
                        Err(error) => Err(error),
                    };
                    (place, key, result)
                });
            }
            for (place, key, result) in join_all(under_way).await {
                if result.is_err() {
                    broken.insert(key);
                }
                results[place] = Some(result);
            }
        }
        results.into_iter().map(|result| result.unwrap_or(Err(BusError::Behind))).collect()
    }

    /// Hands an event to the connection; the future it returns ends with JetStream's acknowledgement. Two
    /// events handed over one after the other are stored in that order.
    async fn start_publish(
        &self,
        envelope: Envelope,
    ) -> Result<impl Future<Output = Result<Published, BusError>> + use<>, BusError> {
        let mut losses = self.losses.clone();
        losses.mark_unchanged();
        // While disconnected the client would keep the message and the acknowledgement would time out;
        // whoever waits for it is better told at once.
        if self.js.client().connection_state() != State::Connected {
            return Err(BusError::Disconnected);
        }
        let message = PublishMessage::build().headers(headers(&envelope)).payload(envelope.payload.into());
        let ack = self
            .js
            .send_publish(envelope.subject.as_str().to_owned(), message)
            .await
            .map_err(BusError::NotAcknowledged)?;
        Ok(async move {
            let ack = tokio::select! {
                biased;
                ack = tokio::time::timeout(ACK_TIMEOUT, ack.into_future()) => {
                    ack.unwrap_or_else(|_| Err(PublishErrorKind::TimedOut.into()))
                }
                // It would have come by the connection that is gone, so it will not come any more.
                Ok(()) = losses.changed() => return Err(BusError::Disconnected),
            };
            let ack = ack.map_err(BusError::NotAcknowledged)?;
            Ok(Published { duplicate: ack.duplicate, sequence: ack.sequence })
        })
    }
}

fn headers(envelope: &Envelope) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ID, envelope.id.0.as_str());
    headers.insert(header::TRACE, envelope.trail.trace.to_string().as_str());
    headers.insert(header::CORRELATION, envelope.trail.correlation.0.as_str());
    if let Some(causation) = &envelope.trail.causation {
        headers.insert(header::CAUSATION, causation.0.as_str());
    }
    headers.insert(header::OCCURRED, envelope.occurred_at_ms.to_string().as_str());
    headers
}
