//! A headless Chromium, and the chat page in it as a person uses it.

mod devtools;
mod hand;
mod page;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use local_servers::Tools;
use serde_json::{Value, json};
use tempfile::TempDir;

use devtools::DevTools;

use crate::tools::tool;

/// Names a program to be used instead of the browser that is installed or fetched.
const PROGRAM: &str = "DRAGOMAN_TEST_BROWSER";

const ARGS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-pipe",
    "--lang=en",
];

/// What the screen is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Light,
    Dark,
}

/// A browser with a profile of its own. It ends with its value.
#[derive(Debug)]
pub struct Browser {
    tools: DevTools,
    /// The DevTools' name of our hold on the one tab.
    session: String,
    folder: TempDir,
    /// Where the pictures go.
    pictures: PathBuf,
}

impl Browser {
    /// Starts one with a window of this size and opens the chat page at this address. Pictures go below the target folder,
    /// named after `test`.
    pub async fn open(address: &str, size: (u32, u32), look: Look, test: &str) -> Self {
        let browser = Self::visit(address, size, look, test).await;
        browser.ready().await;
        browser
    }

    /// The same with any page.
    pub async fn visit(address: &str, size: (u32, u32), look: Look, test: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("dragoman-browser-").tempdir().unwrap();
        let profile = format!("--user-data-dir={}", folder.path().join("profile").display());
        let args: Vec<String> = ARGS.iter().map(ToString::to_string).chain([profile]).collect();
        let tools = DevTools::start(&program().await, &args, folder.path());
        let tab = tools.command("", "Target.createTarget", json!({ "url": "about:blank" })).await.unwrap();
        let hold = json!({ "targetId": tab["targetId"], "flatten": true });
        let hold = tools.command("", "Target.attachToTarget", hold).await.unwrap();
        let session = hold["sessionId"].as_str().unwrap().to_owned();
        let pictures =
            env::current_exe().unwrap().ancestors().nth(3).unwrap().join("e2e-pictures").join(test);
        fs::create_dir_all(&pictures).unwrap();
        let browser = Self { tools, session, folder, pictures };
        browser.size(size).await;
        browser.look(look).await;
        let went = browser.command("Page.navigate", json!({ "url": address })).await;
        assert_eq!(went["errorText"], Value::Null, "{address} does not open");
        browser
    }

    /// Another window.
    pub async fn size(&self, (width, height): (u32, u32)) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    pub async fn look(&self, look: Look) {
        let value = if look == Look::Dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.command("Emulation.setEmulatedMedia", features).await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.ask("window.e2eOld = true;").await;
        self.command("Page.reload", json!({})).await;
        self.ready().await;
    }

    /// What a person sees now, once it has stopped moving, as a file that is kept until the next run.
    pub async fn picture(&self, name: &str) {
        self.ask("document.getAnimations().forEach((one) => { try { one.finish(); } catch { /* it has no end */ } });").await;
        let taken = self.command("Page.captureScreenshot", json!({})).await;
        self.keep(name, &taken);
    }

    /// The whole page from its head to its foot.
    pub async fn whole_picture(&self, name: &str) {
        let taken = self.command("Page.captureScreenshot", json!({ "captureBeyondViewport": true, "clip": self.ask(
            "const page = document.documentElement; return { x: 0, y: 0, width: page.clientWidth, height: page.scrollHeight, scale: 1 };",
        ).await })).await;
        self.keep(name, &taken);
    }

    fn keep(&self, name: &str, taken: &Value) {
        let png = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        fs::write(self.pictures.join(format!("{name}.png")), png).unwrap();
    }

    /// What a script on the page returns, which may wait.
    pub async fn ask(&self, script: &str) -> Value {
        self.try_ask(script).await.unwrap_or_else(|error| panic!("the page fails ({error}) at {script}"))
    }

    /// The same where the page may just be going away, which is an error.
    async fn try_ask(&self, script: &str) -> Result<Value, String> {
        let expression = format!("(async () => {{ {script} }})()");
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.tools.command(&self.session, "Runtime.evaluate", params).await?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(details["exception"]["description"].to_string()),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    async fn command(&self, method: &str, params: Value) -> Value {
        let answer = self.tools.command(&self.session, method, params).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// A folder for what is uploaded.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it in order.
    pub async fn close(self) {
        self.tools.command("", "Browser.close", json!({})).await.unwrap();
        self.tools.end().await;
    }
}

async fn program() -> PathBuf {
    match env::var_os(PROGRAM) {
        Some(named) => PathBuf::from(named),
        None => tool(Tools::browser).await,
    }
}
