use std::time::Duration;

use async_nats::Event;
use async_nats::connection::State;
use async_nats::jetstream::{self, context::ContextBuilder};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use ids::Secret;
use tokio::sync::watch;

use crate::BusError;
use crate::address::Address;
use crate::topology::{Declared, MAX_STREAM_BYTES};

/// The oldest server whose consumers behave as declared here; older ones drop fields silently.
const OLDEST: (u64, u64) = (2, 11);

/// Bytes of the largest event: an update of 1 MiB with what is around it.
const WIDEST: usize = 1024 * 1024 + 64 * 1024;

/// How long JetStream may take to acknowledge. Longer than a slow disk, shorter than Telegram's patience.
pub(crate) const ACK_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub struct BusSettings {
    /// `nats://user:password@host:port`, several separated by commas.
    pub url: Secret,
    /// Copies of each stream: 1 on one node, 3 on a cluster.
    pub replicas: usize,
    /// Bytes that a stream may take, in each copy; 0: no limit. What happens there is told in `topology`.
    pub max_stream_bytes: u64,
}

impl BusSettings {
    /// One node, with the limit that is usual.
    #[must_use]
    pub fn at(url: &Secret) -> Self {
        Self { url: url.clone(), replicas: 1, max_stream_bytes: MAX_STREAM_BYTES }
    }
}

/// A connection to NATS. Cheap to clone; every clone shares the one connection.
#[derive(Clone)]
pub struct Bus {
    pub(crate) js: jetstream::Context,
    pub(crate) replicas: usize,
    /// 0: no limit.
    pub(crate) max_stream_bytes: u64,
    pub(crate) declared: Declared,
    /// Changes whenever the connection is lost.
    pub(crate) losses: watch::Receiver<u64>,
}

impl Bus {
    /// Connects, and refuses a server that is too old or has no JetStream.
    pub async fn connect(settings: &BusSettings, name: &str) -> Result<Self, BusError> {
        let parsed = Address::parse(&settings.url)?;
        let address = parsed.shown();
        let (lost, losses) = watch::channel(0);
        let client = parsed
            .options()
            .name(name)
            // The buffer of commands while the server is away; past it, publishing waits.
            .client_capacity(4096)
            .subscription_capacity(4096)
            .connection_timeout(Duration::from_secs(3))
            .event_callback(move |event| {
                if matches!(event, Event::Disconnected) {
                    lost.send_modify(|losses| *losses += 1);
                }
                std::future::ready(())
            })
            .ping_interval(Duration::from_secs(5))
            .reconnect_delay_callback(|attempts| {
                Duration::from_millis(50 << attempts.min(5)).min(Duration::from_secs(1))
            })
            .connect(parsed.servers.as_slice())
            .await
            .map_err(|source| BusError::Connect { address: address.clone(), source })?;
        let info = client.server_info();
        if version(&info.version) < OLDEST {
            return Err(BusError::TooOld { address, found: info.version });
        }
        if !info.jetstream {
            return Err(BusError::NoJetStream { address });
        }
        if info.max_payload < WIDEST {
            return Err(BusError::Narrow { address, found: info.max_payload, needed: WIDEST });
        }
        let js = ContextBuilder::new()
            .timeout(Duration::from_secs(10))
            .ack_timeout(ACK_TIMEOUT)
            .max_ack_inflight(8192)
            .build(client);
        Ok(Self {
            js,
            replicas: settings.replicas.max(1),
            max_stream_bytes: settings.max_stream_bytes,
            declared: Declared::default(),
            losses,
        })
    }

    /// Whether the connection stands now.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.js.client().connection_state() == State::Connected
    }

    /// Publishes what may be lost: pieces of a streamed answer, nudges. No storage, no acknowledgement.
    pub async fn core_publish(&self, subject: impl Into<String>, payload: Bytes) -> Result<(), BusError> {
        let subject: String = subject.into();
        self.js.client().publish(subject, payload).await.map_err(|e| BusError::Core(Box::new(e)))
    }

    /// What others publish with [`Bus::core_publish`] from now on.
    pub async fn core_subscribe(
        &self,
        subject: impl Into<String>,
    ) -> Result<BoxStream<'static, Bytes>, BusError> {
        let subject: String = subject.into();
        let messages = self.js.client().subscribe(subject).await.map_err(|e| BusError::Core(Box::new(e)))?;
        Ok(messages.map(|message| message.payload).boxed())
    }

    /// The same, where each is for one of those alone who subscribe under the same `group`.
    pub async fn core_subscribe_one(
        &self,
        subject: impl Into<String>,
        group: &str,
    ) -> Result<BoxStream<'static, Bytes>, BusError> {
        let (subject, group): (String, _) = (subject.into(), group.to_owned());
        let messages = self.js.client().queue_subscribe(subject, group).await;
        let messages = messages.map_err(|e| BusError::Core(Box::new(e)))?;
        Ok(messages.map(|message| message.payload).boxed())
    }

    /// Sends what is still buffered and closes nothing: other clones may go on.
    pub async fn flush(&self) -> Result<(), BusError> {
        self.js.client().flush().await.map_err(|e| BusError::Core(Box::new(e)))
    }
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bus").field("connected", &self.is_connected()).finish_non_exhaustive()
    }
}

fn version(text: &str) -> (u64, u64) {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debians_old_server_is_refused_and_newer_ones_are_not() {
        assert!(version("2.9.10") < OLDEST);
        assert!(version("2.11.0") >= OLDEST);
        assert!(version("2.15.1") >= OLDEST);
        assert!(version("3.0.0-beta.1") >= OLDEST);
        assert!(version("nonsense") < OLDEST);
    }
}
