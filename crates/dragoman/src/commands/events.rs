use anyhow::{Result, bail};
use bus::{Bus, BusSettings, Delivery};
use futures::StreamExt;
use ids::Timestamp;
use serde_json::json;
use service_kit::settings::NatsConfig;

use super::print;
use crate::cli::Events;
use crate::environment;
use crate::roles::ROLES;

pub(super) async fn events(command: &Events) -> Result<()> {
    let Events::Tail { service, from_start, json, source } = command;
    let services: Vec<&str> = ROLES.iter().filter_map(|role| role.publishes()).collect();
    if !services.contains(&service.as_str()) {
        bail!("no service publishes as {service}; those that do are {}", services.join(", "));
    }
    let nats: NatsConfig = environment::settings(source.config.as_deref())?.section("nats")?;
    let bus = Bus::connect(&BusSettings::at(&nats.url), "dragoman events").await?;
    let mut events = bus.tail(service, *from_start).await?;
    while let Some(event) = events.next().await {
        print(&line(&event?, *json))?;
    }
    Ok(())
}

/// The envelope only: what is inside may be personal.
fn line(event: &Delivery, as_json: bool) -> String {
    let at = Timestamp::from_millisecond(event.occurred_at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    if as_json {
        return json!({
            "at": at, "name": event.name(), "key": event.key.as_str(), "id": event.id,
            "trace_id": format!("{:032x}", event.trail.trace.trace_id()),
            "correlation_id": event.trail.correlation, "causation_id": event.trail.causation,
            "bytes": event.payload.len(),
        })
        .to_string();
    }
    format!("{at:.3}  {:<28} {:<28} {} ({} bytes)", event.name(), event.key, event.id, event.payload.len())
}
