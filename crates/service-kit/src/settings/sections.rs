//! The sections that the kit itself reads, and the names of all there are.

use std::net::SocketAddr;

use ids::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reference::SectionDoc;

/// Every section of the one file. All programs share it, so a program knows the names of sections that it
/// does not read.
pub const SECTIONS: &[&str] = &[
    "server",
    "log",
    "nats",
    "telegram",
    "gateway",
    "bot",
    "files",
    "llm-worker",
    "crm",
    "analytics",
    "telegram-sim",
];

/// The one HTTP and gRPC listener of a process.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port of HTTP and gRPC. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// What roles show each other on gRPC. Has to be the same in every process; without it no gRPC call is
    /// accepted.
    #[serde(skip_serializing)]
    pub internal_token: Secret,
    /// How long a stop waits for work in hand, in seconds. Shorter than what the orchestrator waits.
    pub shutdown_grace_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            internal_token: Secret::default(),
            shutdown_grace_seconds: 20,
        }
    }
}

/// What is told, where to and how.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// `json`, `pretty`, or `auto`: pretty on a terminal, JSON elsewhere.
    pub format: LogFormat,
    /// A level, or directives by crate: `info,bot=debug`.
    pub level: String,
    /// Base address of an OpenTelemetry collector (OTLP over HTTP), such as `http://127.0.0.1:4318`. Empty:
    /// nothing is exported.
    pub otlp_endpoint: String,
    /// Share of new traces that are exported, 0 to 1. A trace begun elsewhere keeps its sender's choice.
    pub otlp_sample: f64,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Auto,
            level: "info".to_owned(),
            otlp_endpoint: String::new(),
            otlp_sample: 1.0,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Auto,
    Json,
    Pretty,
}

/// The event bus.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NatsConfig {
    /// `nats://host:port`, several separated by commas, each `nats://user:password@host:port` (or
    /// `nats://token@host:port`) where the server asks who comes; signs that mean something in an address are
    /// written as `%40`. Version 2.11 or newer, with JetStream. Not set: `nats://127.0.0.1:4222`.
    #[serde(skip_serializing)]
    pub url: Secret,
    /// Copies of each stream: 1 on one node, 3 on a cluster.
    pub replicas: usize,
    /// Bytes that the events of one service may take, in each copy; 0 is no limit. There are four streams, and the
    /// server must be able to promise all of them (`max_file_store`). Near the limit the oldest events that
    /// everybody has handled go before their 14 days are over; at the limit new ones are refused and wait where
    /// they are.
    pub max_stream_bytes: u64,
}

impl Default for NatsConfig {
    fn default() -> Self {
        let bus::BusSettings { url, replicas, max_stream_bytes } =
            bus::BusSettings::at(&Secret::new("nats://127.0.0.1:4222"));
        Self { url, replicas, max_stream_bytes }
    }
}

impl From<NatsConfig> for bus::BusSettings {
    fn from(nats: NatsConfig) -> Self {
        Self { url: nats.url, replicas: nats.replicas, max_stream_bytes: nats.max_stream_bytes }
    }
}

/// The documentation of the kit's own sections.
#[must_use]
pub fn kit_sections() -> Vec<SectionDoc> {
    vec![
        SectionDoc::of::<ServerConfig>("server"),
        SectionDoc::of::<LogConfig>("log"),
        SectionDoc::of::<NatsConfig>("nats"),
    ]
}
