//! A headless Chromium, and the chat page in it as a person uses it.

mod driver;
mod page;

use std::fs;
use std::path::{Path, PathBuf};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use driver::Driver;

/// What the screen is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Light,
    Dark,
}

/// A browser with a profile of its own. It ends with its value.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    driver: Driver,
    folder: TempDir,
    /// Where the pictures go.
    pictures: PathBuf,
}

impl Browser {
    /// Starts one with a window of this size and opens an address. Pictures go below the target folder, named
    /// after `test`.
    pub async fn open(address: &str, size: (u32, u32), look: Look, test: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("dragoman-browser-").tempdir().unwrap();
        let driver = Driver::start(folder.path()).await;
        let profile = folder.path().join("profile");
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            // So that it ends with its driver, however that ends.
            "--remote-debugging-pipe",
            "--lang=en",
        ];
        let args: Vec<String> = args
            .iter()
            .map(ToString::to_string)
            .chain([format!("--user-data-dir={}", profile.display())])
            .collect();
        let mut capabilities = Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": args }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(driver.url()).await;
        let client =
            client.unwrap_or_else(|error| panic!("Chromium does not start: {error}\n{}", driver.said()));
        let pictures =
            std::env::current_exe().unwrap().ancestors().nth(3).unwrap().join("e2e-pictures").join(test);
        fs::create_dir_all(&pictures).unwrap();
        let browser = Self { client, driver, folder, pictures };
        browser.size(size).await;
        browser.look(look).await;
        browser.client.goto(address).await.unwrap();
        browser.ready().await;
        browser
    }

    async fn size(&self, (width, height): (u32, u32)) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.driver.command(&self.client, "Emulation.setDeviceMetricsOverride", metrics).await;
    }

    pub async fn look(&self, look: Look) {
        let value = if look == Look::Dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.driver.command(&self.client, "Emulation.setEmulatedMedia", features).await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
        self.ready().await;
    }

    /// What a person sees now, once it has stopped moving, as a file that is kept until the next run.
    pub async fn picture(&self, name: &str) {
        self.ask("document.getAnimations().forEach((one) => { try { one.finish(); } catch { /* it has no end */ } });").await;
        let png = self.client.screenshot().await.unwrap();
        fs::write(self.pictures.join(format!("{name}.png")), png).unwrap();
    }

    /// What a script on the page returns.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// A folder for what is uploaded.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it in order.
    pub async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}
