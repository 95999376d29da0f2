//! The chat page by its `data-testid`s. It draws itself anew with each event, so every question and every
//! press finds its element again until it succeeds.

use std::path::Path;

use serde_json::{Value, json};

use super::Browser;

/// The texts of all messages, `bot` or `me` before each.
const MESSAGES: &str = "return [...document.querySelectorAll('[data-testid=message]')].map((node) =>
    [node.dataset.author, node.querySelector('.bubble').innerText]);";

impl Browser {
    pub(super) async fn ready(&self) {
        let is_ready = "return !window.e2eOld && document.getElementById('app')?.dataset.ready === 'true';";
        self.until("the page is ready", is_ready).await;
    }

    /// Becomes somebody, by name.
    pub async fn become_person(&self, id: i64) {
        self.click("[data-testid=identity-picker]").await;
        self.click(&format!("[data-testid=identity-option][data-person='{id}']")).await;
    }

    /// Opens the chat of this name in the list.
    pub async fn open_chat(&self, name: &str) {
        self.click(&format!("[data-testid=chat-item][data-chat='{name}']")).await;
    }

    /// Writes and sends by Enter.
    pub async fn write(&self, text: &str) {
        self.type_into("[data-testid=composer]", text).await;
        self.click("[data-testid=send-button]").await;
    }

    /// Presses the newest inline button with this label.
    pub async fn press(&self, label: &str) {
        let find = format!(
            "[...document.querySelectorAll('[data-testid=inline-button]')].filter((b) => b.innerText.trim() === {}).at(-1)",
            json!(label)
        );
        testkit::until(&format!("the button {label} can be pressed"), async || self.try_click(&find).await)
            .await;
    }

    /// Chooses a file and sends it.
    pub async fn send_file(&self, file: &Path) {
        let find = by("[data-testid=file-input]");
        testkit::until("a file can be chosen", async || self.try_choose(&find, file).await).await;
        self.until("the file is attached", "return !!document.querySelector('[data-testid=attachment]');")
            .await;
        self.click("[data-testid=send-button]").await;
    }

    /// Waits until the newest message of the bot contains this.
    pub async fn sees(&self, part: &str) {
        let seen = async || {
            let messages = self.messages().await;
            messages.last().filter(|(author, text)| author == "bot" && text.contains(part)).map(drop)
        };
        testkit::until(&format!("the page shows {part:?}"), seen).await;
    }

    /// Author (`me`, `bot`) and text of every message, oldest first.
    pub async fn messages(&self) -> Vec<(String, String)> {
        let answer = self.ask(MESSAGES).await;
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        answer.as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
    }

    /// Clicks as a person does: what is hidden, covered or not there can not be clicked.
    pub async fn click(&self, css: &str) {
        testkit::until(&format!("{css} can be clicked"), async || self.try_click(&by(css)).await).await;
    }

    /// The same of what leads to another page, once.
    pub async fn follow(&self, css: &str) {
        testkit::until(&format!("{css} can be followed"), async || self.try_follow(&by(css)).await).await;
    }

    pub async fn type_into(&self, css: &str, text: &str) {
        testkit::until(&format!("{css} can be typed into"), async || self.try_type(&by(css), text).await)
            .await;
    }

    /// Waits until a script says true.
    pub async fn until(&self, what: &str, script: &str) {
        let holds = async || (self.try_ask(script).await == Ok(Value::Bool(true))).then_some(());
        testkit::until(what, holds).await;
    }
}

/// The script that names the first element of a selector.
fn by(css: &str) -> String {
    format!("document.querySelector({})", json!(css))
}
