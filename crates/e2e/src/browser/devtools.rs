//! The DevTools of one browser, spoken through a pair of pipes: no port, no driver between, and the browser
//! ends when the pipes do, however its test ends.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

use testkit::environment;

/// The browser reads commands from descriptor 3 and writes answers to 4.
const PIPES: &str = r#"exec "$@" 3<&0 4>&1 0</dev/null 1>&2"#;

/// No command takes longer, on whatever machine.
const LIMIT: Duration = Duration::from_secs(40);

#[derive(Debug)]
pub(super) struct DevTools {
    wire: Mutex<Wire>,
    process: Child,
    log: PathBuf,
}

#[derive(Debug)]
struct Wire {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    last: u64,
}

impl DevTools {
    /// Starts the program with a profile below `folder`, and says what it says to a log there.
    pub(super) fn start(program: &Path, args: &[String], folder: &Path) -> Self {
        let log = folder.join("browser.log");
        let mut process = Command::new("sh")
            .args(["-c", PIPES, "sh"])
            .arg(program)
            .args(args)
            .current_dir(folder)
            .env_clear()
            .envs(environment())
            .envs(["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"].map(|name| (name, folder)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let to = process.stdin.take().unwrap();
        let from = BufReader::new(process.stdout.take().unwrap());
        Self { wire: Mutex::new(Wire { to, from, last: 0 }), process, log }
    }

    /// The result of a command, in a session if there is one, or the error that the browser answers.
    pub(super) async fn command(&self, session: &str, method: &str, params: Value) -> Result<Value, String> {
        let mut wire = self.wire.lock().await;
        match timeout(LIMIT, wire.command(session, method, params)).await {
            Ok(Some(mut answer)) => match answer.get("error") {
                Some(error) => Err(error.to_string()),
                None => Ok(answer["result"].take()),
            },
            Ok(None) => panic!("the browser ended before it answered {method}:\n{}", self.said()),
            Err(_) => panic!("the browser does not answer {method}:\n{}", self.said()),
        }
    }

    /// Waits until the browser has ended after its last command.
    pub(super) async fn end(mut self) {
        let ended = timeout(LIMIT, self.process.wait()).await;
        assert!(ended.is_ok(), "the browser does not end:\n{}", self.said());
    }

    fn said(&self) -> String {
        testkit::tail(&self.log)
    }
}

impl Wire {
    async fn command(&mut self, session: &str, method: &str, params: Value) -> Option<Value> {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if !session.is_empty() {
            command["sessionId"] = json!(session);
        }
        let mut bytes = serde_json::to_vec(&command).unwrap();
        bytes.push(0);
        self.to.write_all(&bytes).await.ok()?;
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes).await.ok()?;
            bytes.pop()?;
            let said: Value = serde_json::from_slice(&bytes).unwrap();
            // The rest are events, of which we ask for none.
            if said["id"] == self.last {
                return Some(said);
            }
        }
    }
}
