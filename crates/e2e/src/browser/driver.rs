use std::env;
use std::path::{Path, PathBuf};

use fantoccini::Client;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{Child, free_port, processes_naming};

/// The names that distributions give it.
const NAMES: [&str; 2] = ["chromedriver", "chromium-chromedriver"];
const MORE_FOLDERS: [&str; 3] = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/snap/bin"];

/// A chromedriver of one test, and the browsers that it started.
#[derive(Debug)]
pub(super) struct Driver {
    process: Child,
    url: String,
    folder: PathBuf,
}

impl Driver {
    pub(super) async fn start(folder: &Path) -> Self {
        let port = free_port();
        let home = folder.to_string_lossy();
        let variables = [("HOME", &*home), ("XDG_CONFIG_HOME", &*home), ("XDG_CACHE_HOME", &*home)];
        let args = [format!("--port={port}"), "--allowed-ips=127.0.0.1".to_owned()];
        let args = args.each_ref().map(String::as_str);
        let mut process = Child::start(&find(), &args, folder, &variables, folder.join("chromedriver.log"));
        let url = format!("http://127.0.0.1:{port}");
        let client = crate::http();
        let status = format!("{url}/status");
        let is_ready = async |_: &Child| {
            client.get(&status).send().await.ok().filter(|answer| answer.status().is_success())
        };
        process.until("it is ready", is_ready).await;
        Self { process, url, folder: folder.to_owned() }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn said(&self) -> String {
        self.process.said()
    }

    /// A command of the DevTools, for what the standard has no word for.
    pub(super) async fn command(&self, client: &Client, command: &str, params: Value) {
        let session = client.session_id().await.unwrap().unwrap();
        let address = format!("{}/session/{session}/goog/cdp/execute", self.url);
        let body = serde_json::json!({ "cmd": command, "params": params });
        let answer = crate::http().post(address).json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{command}: {text}");
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A driver that ends leaves browsers behind whose session was not closed. They name our folder.
        let driver = self.process.pid();
        for (pid, _) in processes_naming(&self.folder).into_iter().filter(|(pid, _)| *pid != driver) {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                // It may have ended by itself.
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}

fn find() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(MORE_FOLDERS.map(PathBuf::from));
    let mut places = folders.flat_map(|folder| NAMES.map(|name| folder.join(name)));
    places.find(|place| place.is_file()).unwrap_or_else(|| {
        panic!(
            "the tests of the chat page need Chromium and its driver, and there is no chromedriver in the PATH: \
             install them with `apt-get install -y chromium chromium-driver` (or `brew install chromium chromedriver`)"
        )
    })
}
