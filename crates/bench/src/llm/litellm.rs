//! LiteLLM's proxy in front of the same provider, set up as its documentation advises for production: a worker for
//! each core, no debugging, errors only in the log, a master key. Without a database, for it could not fetch its
//! client for one here: what it shows is without accounting.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::client::{Client, Target};
use super::free_address;
use crate::processes;

/// It imports for many seconds.
const PATIENCE: Duration = Duration::from_secs(180);
const KEY: &str = "sk-bench-1234";

pub(super) struct LiteLlm {
    child: Child,
    address: SocketAddr,
    version: String,
    workers: usize,
    folder: TempDir,
}

impl LiteLlm {
    pub(super) async fn start(program: &Path, upstream: SocketAddr) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("litellm-bench-").tempdir_in("/var/tmp")?;
        let address = free_address()?;
        let config = folder.path().join("config.yaml");
        std::fs::write(
            &config,
            format!(
                "model_list:\n  - model_name: parrot-1\n    litellm_params:\n      model: openai/parrot-1\n      api_base: http://{upstream}/v1\n      api_key: sk-bench\ngeneral_settings:\n  master_key: {KEY}\nlitellm_settings:\n  set_verbose: false\n  json_logs: true\n  telemetry: false\n"
            ),
        )?;
        let workers = std::thread::available_parallelism()?.get();
        let log = std::fs::File::create(folder.path().join("log"))?;
        let child = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", &address.port().to_string()])
            .args(["--num_workers", &workers.to_string(), "--telemetry", "False", "--config"])
            .arg(&config)
            .env("LITELLM_LOG", "ERROR")
            .env("LITELLM_MODE", "PRODUCTION")
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
            .env("NO_PROXY", "127.0.0.1")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("LiteLLM does not start")?;
        let python = program.with_file_name("python");
        let version = Command::new(python)
            .args(["-c", "import importlib.metadata as m; print(m.version('litellm'))"])
            .output()?;
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        let mut started = Self { child, address, version, workers, folder };
        started.wait().await?;
        Ok(started)
    }

    async fn wait(&mut self) -> Result<()> {
        let patience = Instant::now() + PATIENCE;
        let target = self.target();
        loop {
            let answered = Client::new(&target).ask(false).await;
            if answered.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() || Instant::now() > patience {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                let last: Vec<&str> = log.lines().rev().take(20).collect();
                bail!("LiteLLM did not start: {}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    pub(super) fn target(&self) -> Target {
        Target::new(self.address, KEY, "parrot-1")
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What a reader of the figures has to know.
    pub(super) fn settings(&self) -> String {
        format!(
            "LiteLLM {} with --num_workers {}, LITELLM_MODE=PRODUCTION, LITELLM_LOG=ERROR, a master key, no database (so no accounting), no cache.",
            self.version, self.workers
        )
    }

    pub(super) fn stop(self) {
        drop(self);
    }
}

/// Whoever gives up a measurement leaves no worker behind.
impl Drop for LiteLlm {
    fn drop(&mut self) {
        let family = processes::tree(self.child.id());
        let pids: Vec<String> = family.iter().map(ToString::to_string).collect();
        let _ = Command::new("kill").arg("-KILL").args(&pids).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}
