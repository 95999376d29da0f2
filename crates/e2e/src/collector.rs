//! A collector of spans that is not ours: what we export has to be understood by OpenTelemetry's own messages.

use std::path::Path;

use local_servers::Tools;
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use crate::tools::tool;
use crate::{Child, free_port};

const PROGRAM: &str = include_str!("collector.py");

/// A process that takes spans. It ends with its value.
#[derive(Debug)]
pub struct Collector {
    client: Client,
    url: String,
    process: Child,
    _folder: TempDir,
}

/// A span as it arrived, ids in hexadecimal digits.
#[derive(Clone, Debug)]
pub struct Span {
    pub service: String,
    pub name: String,
    pub trace: String,
    pub id: String,
    /// Empty: none.
    pub parent: String,
    /// Nanoseconds since 1970.
    pub began: u64,
    pub ended: u64,
    /// The attributes of the span and of the process.
    pub words: Value,
}

impl Collector {
    pub async fn start() -> Self {
        let packages = tool(Tools::otlp).await;
        let packages = packages.to_string_lossy();
        let folder = tempfile::Builder::new().prefix("dragoman-collector-").tempdir().unwrap();
        let port = free_port().to_string();
        let variables = [("PYTHONPATH", &*packages), ("PYTHONDONTWRITEBYTECODE", "1")];
        let log = folder.path().join("collector.log");
        let process =
            Child::start(Path::new("python3"), &["-c", PROGRAM, &port], folder.path(), &variables, log);
        let url = format!("http://127.0.0.1:{port}");
        let mut collector = Self { client: crate::http(), url, process, _folder: folder };
        let (client, url) = (collector.client.clone(), collector.url.clone());
        collector.process.until("it is ready", async |_| client.get(&url).send().await.ok()).await;
        collector
    }

    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// What has arrived so far.
    pub async fn spans(&self) -> Vec<Span> {
        let answer = self.client.get(&self.url).send().await;
        let answer = answer.unwrap_or_else(|error| panic!("{error}: {}", self.process.said()));
        let spans: Vec<Value> = answer.json().await.unwrap();
        spans.into_iter().map(Span::read).collect()
    }
}

impl Span {
    fn read(mut span: Value) -> Self {
        let text = |key: &str| span[key].as_str().unwrap().to_owned();
        let time = |key: &str| span[key].as_u64().unwrap();
        Self {
            service: text("service"),
            name: text("name"),
            trace: text("trace"),
            id: text("id"),
            parent: text("parent"),
            began: time("began"),
            ended: time("ended"),
            words: span["words"].take(),
        }
    }
}
