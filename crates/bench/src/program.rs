//! The program that is measured, as a process: started, stopped, killed.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ids::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How long a start may take, and an orderly end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program with one configuration; it runs or it does not.
pub(crate) struct Program {
    path: PathBuf,
    config: PathBuf,
    log: PathBuf,
    address: SocketAddr,
    /// As `--roles` takes them.
    roles: &'static str,
    child: Option<Child>,
}

impl Program {
    /// Not started yet; configuration and log are kept in `folder`.
    pub(crate) fn new(path: &Path, folder: &Path, address: SocketAddr) -> Self {
        let (config, log) = (folder.join("dragoman.toml"), folder.join("log"));
        Self { path: path.to_owned(), config, log, address, roles: "all", child: None }
    }

    /// Only with these roles.
    pub(crate) fn with_roles(mut self, roles: &'static str) -> Self {
        self.roles = roles;
        self
    }

    /// What a command of the program prints.
    pub(crate) fn command(&self, args: &[&str]) -> Result<String> {
        let done = Command::new(&self.path).args(args).arg("--config").arg(&self.config).output()?;
        if !done.status.success() {
            bail!("{}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(String::from_utf8(done.stdout)?)
    }

    /// What the next start reads.
    pub(crate) fn configure(&self, settings: &str) -> Result<()> {
        Ok(fs::write(&self.config, settings)?)
    }

    pub(crate) fn migrate(&self, admin_url: &Secret) -> Result<()> {
        let done = Command::new(&self.path)
            .args(["migrate", "--config"])
            .arg(&self.config)
            .env("DRAGOMAN_ADMIN_DATABASE_URL", admin_url.expose())
            .output()?;
        if !done.status.success() {
            bail!("{}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(())
    }

    /// Returns once every role is ready.
    pub(crate) async fn start(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let child = Command::new(&self.path)
            .args(["run", "--roles", self.roles, "--config"])
            .arg(&self.config)
            .stdout(log.try_clone()?)
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .context("the program does not start")?;
        let child = self.child.insert(child);
        let patience = Instant::now() + PATIENCE;
        while !is_ready(self.address).await {
            if child.try_wait()?.is_some() || Instant::now() > patience {
                bail!("the program did not start: {}", self.said());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Ends the program as an operator would.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let Some(child) = &mut self.child else { return Ok(()) };
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
        let patience = Instant::now() + PATIENCE;
        while child.try_wait()?.is_none() {
            if Instant::now() > patience {
                bail!("the program did not stop within {} s", PATIENCE.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.child = None;
        Ok(())
    }

    /// Ends the program as a power cut would.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    pub(crate) fn pid(&self) -> Result<u32> {
        self.child.as_ref().map(Child::id).context("the program does not run")
    }

    /// The errors that the program has logged since the first start, one a line.
    pub(crate) fn errors(&self) -> Vec<String> {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().filter(|line| line.contains(r#""level":"ERROR""#)).map(str::to_owned).collect()
    }

    /// The end of what the program has logged.
    pub(crate) fn said(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let last = log.lines().count().saturating_sub(5);
        log.lines().skip(last).collect::<Vec<_>>().join("\n")
    }
}

/// Whoever gives up a measurement leaves no program behind that takes the machine from the next.
impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Whether every role behind this address says that it is ready.
async fn is_ready(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream.write_all(b"GET /health/ready HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with(b"HTTP/1.1 200"))
    };
    ask.await.unwrap_or(false)
}
