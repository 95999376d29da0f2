use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use events::stream_name;
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::{Bus, BusError, Delivery};

impl Bus {
    /// The events of a service as they come, or from the oldest that is kept; for a person who looks. It
    /// leaves nothing behind on the server and takes nothing away from any consumer.
    pub async fn tail(
        &self,
        service: &str,
        from_start: bool,
    ) -> Result<BoxStream<'static, Result<Delivery, BusError>>, BusError> {
        let name = stream_name(service);
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| BusError::Pull {
            consumer: format!("the tail of {service}"),
            source,
        };
        let stream = self.js.get_stream(&name).await.map_err(|e| failed(Box::new(e)))?;
        let config = pull::OrderedConfig {
            deliver_policy: if from_start { DeliverPolicy::All } else { DeliverPolicy::New },
            ..pull::OrderedConfig::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(|e| failed(Box::new(e)))?;
        let messages = consumer.messages().await.map_err(|e| failed(Box::new(e)))?;
        let service = service.to_owned();
        Ok(messages
            .map(move |message| match message {
                Ok(message) => Ok(Delivery::read(&message)),
                Err(error) => Err(BusError::Pull {
                    consumer: format!("the tail of {service}"),
                    source: Box::new(error),
                }),
            })
            .boxed())
    }
}
