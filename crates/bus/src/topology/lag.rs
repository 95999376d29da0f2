use async_nats::jetstream::consumer::pull::Config;
use events::stream_name;
use futures::StreamExt;

use crate::{Bus, BusError};

/// What a consumer still has before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Stored and not yet delivered.
    pub pending: u64,
    /// Delivered and not yet acknowledged.
    pub unacknowledged: u64,
}

impl Lag {
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.pending == 0 && self.unacknowledged == 0
    }
}

impl Bus {
    /// The lag of one durable consumer of `service`'s stream.
    pub async fn lag(&self, service: &str, durable: &str) -> Result<Lag, BusError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| BusError::Pull {
            consumer: durable.to_owned(),
            source,
        };
        let mut consumer = self
            .js
            .get_consumer_from_stream::<Config, _, _>(durable, stream_name(service))
            .await
            .map_err(|e| failed(Box::new(e)))?;
        let info = consumer.info().await.map_err(|e| failed(Box::new(e)))?;
        Ok(Lag { pending: info.num_pending, unacknowledged: info.num_ack_pending as u64 })
    }

    /// The lag of every durable consumer of `service`'s stream, by its name.
    pub async fn lags(&self, service: &str) -> Result<Vec<(String, Lag)>, BusError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| BusError::Pull {
            consumer: format!("every consumer of {service}"),
            source,
        };
        let stream = self.js.get_stream(stream_name(service)).await.map_err(|e| failed(Box::new(e)))?;
        let mut consumers = stream.consumers();
        let mut lags = Vec::new();
        while let Some(info) = consumers.next().await {
            let info = info.map_err(|e| failed(Box::new(e)))?;
            let lag = Lag { pending: info.num_pending, unacknowledged: info.num_ack_pending as u64 };
            lags.push((info.name, lag));
        }
        Ok(lags)
    }
}
