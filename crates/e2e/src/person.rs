use std::cell::Cell;

use reqwest::Client;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

/// Somebody on Telegram, in a private chat with the bot.
#[derive(Debug)]
pub struct Person {
    client: Client,
    simulator: String,
    pub id: i64,
    /// The bot they talk with; none is the first one there is.
    bot: Option<String>,
    /// The newest message of the bot that was heard.
    heard: Cell<i64>,
}

/// A file as it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Attachment<'a> {
    pub name: &'a str,
    pub content: &'a [u8],
    pub caption: &'a str,
    /// Files of one album have the same one; empty: none.
    pub album: &'a str,
}

/// A call of the Bot API that the bot made.
#[derive(Clone, Debug)]
pub struct CallOfBot {
    /// It came after those with lower ones.
    pub nth: u64,
    /// Its parameters.
    pub what: Value,
    /// Of the answer.
    pub status: u64,
}

/// A message of the bot.
#[derive(Clone, Debug)]
pub struct Heard {
    pub id: i64,
    pub text: String,
    /// Label and callback data, row by row.
    pub buttons: Vec<(String, String)>,
}

impl Person {
    /// Somebody new. `simulator` is its base address.
    pub async fn new(simulator: &str, first_name: &str, language: &str) -> Self {
        let client = crate::http();
        let person = json!({ "first_name": first_name, "username": format!("{}_t", first_name.to_lowercase()), "language_code": language });
        let made = post(&client, simulator, "people", &person).await;
        Self {
            client,
            simulator: simulator.to_owned(),
            id: made["id"].as_i64().unwrap(),
            bot: None,
            heard: Cell::new(0),
        }
    }

    /// The same person, who talks with this bot from now on.
    #[must_use]
    pub fn turns_to(mut self, bot: &str) -> Self {
        self.bot = Some(bot.to_owned());
        self.heard = Cell::new(0);
        self
    }

    /// The number of the message.
    pub async fn writes(&self, text: &str) -> i64 {
        self.act("messages", json!({ "text": text })).await["message_id"].as_i64().unwrap()
    }

    /// The shortest way through the brief of a project, with this contact at its end; returns when it is taken.
    pub async fn leaves_a_lead(&self, contact: &str) {
        self.writes("/project").await;
        self.hears("1/5.").await;
        self.presses("Software development").await;
        self.hears("2/5.").await;
        for step in ["3/5.", "4/5.", "5/5."] {
            self.presses("Skip →").await;
            self.hears(step).await;
        }
        self.writes(contact).await;
        self.hears("Is it all right?").await;
        self.presses("✅ Send").await;
        self.hears("Thank you").await;
    }

    pub async fn edits(&self, message_id: i64, text: &str) {
        self.act("edits", json!({ "message_id": message_id, "text": text })).await;
    }

    pub async fn shares_contact(&self, phone: &str) {
        let contact = json!({ "phone_number": phone, "first_name": "Me", "user_id": self.id });
        self.act("messages", json!({ "contact": contact })).await;
    }

    /// Sends a file.
    pub async fn sends(&self, file: Attachment<'_>) {
        let part = Part::bytes(file.content.to_vec()).file_name(file.name.to_owned());
        let form = Form::new()
            .text("person", self.id.to_string())
            .text("kind", "document")
            .text("caption", file.caption.to_owned())
            .text("media_group_id", file.album.to_owned())
            .part("file", part);
        self.upload(form).await;
    }

    /// Sends a file of so many bytes, as far as anybody can tell.
    pub async fn says_it_sends(&self, name: &str, bytes: usize) {
        let form = Form::new()
            .text("person", self.id.to_string())
            .text("name", name.to_owned())
            .text("size", bytes.to_string());
        self.upload(form).await;
    }

    async fn upload(&self, form: Form) {
        let address = format!("{}/sim/files", self.simulator);
        let answer = self.client.post(address).multipart(form).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "files: {text}");
    }

    /// The bots as they see them, also before anything was said.
    pub async fn bots(&self) -> Vec<Value> {
        let address = format!("{}/sim/chats?person={}", self.simulator, self.id);
        let chats: Vec<Value> = self.client.get(address).send().await.unwrap().json().await.unwrap();
        chats.into_iter().map(|mut chat| chat["bot"].take()).filter(Value::is_object).collect()
    }

    /// Orders something of the simulator itself, such as a fault.
    pub async fn telegram(&self, what: &str, order: &Value) -> Value {
        post(&self.client, &self.simulator, what, order).await
    }

    /// What the bot called of this method for a chat, oldest first.
    pub async fn calls_of_bot(&self, method: &str, chat: i64) -> Vec<CallOfBot> {
        let address = format!("{}/sim/calls?method={method}&chat={chat}&limit=1000", self.simulator);
        let answer: Value = self.client.get(address).send().await.unwrap().json().await.unwrap();
        let call = |call: &Value| CallOfBot {
            nth: call["seq"].as_u64().unwrap(),
            what: call["params"].clone(),
            status: call["status"].as_u64().unwrap(),
        };
        answer["calls"].as_array().unwrap().iter().map(call).collect()
    }

    /// Presses the newest button with this label, and waits until the press is answered.
    pub async fn presses(&self, label: &str) {
        let labelled = |heard: &Heard| {
            heard.buttons.iter().find(|(text, _)| text == label).map(|(_, data)| (heard.id, data.clone()))
        };
        let button = async || self.heard_so_far().await.iter().rev().find_map(labelled);
        let (message, data) = testkit::until(&format!("there is a button {label}"), button).await;
        let press = self.act("presses", json!({ "message_id": message, "data": data })).await;
        let path = format!("{}/sim/presses/{}", self.simulator, press["id"].as_str().unwrap());
        let answered = async || {
            let answer: Value = self.client.get(&path).send().await.unwrap().json().await.unwrap();
            (answer["answered"] == true).then_some(())
        };
        testkit::until(&format!("the press of {label} is answered"), answered).await;
    }

    /// Waits for the bot's next message; it has to contain `part`.
    #[track_caller]
    pub fn hears(&self, part: &str) -> impl Future<Output = Heard> {
        let asked_at = std::panic::Location::caller();
        async move {
            let next =
                async || self.heard_so_far().await.into_iter().find(|heard| heard.id > self.heard.get());
            let heard = testkit::until(&format!("the bot says {part:?} ({asked_at})"), next).await;
            assert!(heard.text.contains(part), "the bot said {heard:#?} instead of {part:?} ({asked_at})");
            self.heard.set(heard.id);
            heard
        }
    }

    /// All that the bot has said, oldest first.
    pub async fn heard_so_far(&self) -> Vec<Heard> {
        let chat = self.bot.as_ref().map_or_else(String::new, |bot| format!("&chat={bot}"));
        let address = format!("{}/sim/history?person={}{chat}", self.simulator, self.id);
        let answer = self.client.get(address).send().await.unwrap();
        // Nobody has written yet.
        if !answer.status().is_success() {
            return Vec::new();
        }
        let history: Value = answer.json().await.unwrap();
        let messages = history["entries"].as_array().unwrap().iter().map(|entry| &entry["message"]);
        messages.filter(|message| message["from"]["is_bot"] == true).map(Heard::read).collect()
    }

    async fn act(&self, what: &str, mut act: Value) -> Value {
        act["person"] = json!(self.id);
        if let Some(bot) = &self.bot {
            act["chat"] = json!(bot);
        }
        post(&self.client, &self.simulator, what, &act).await
    }
}

impl Heard {
    fn read(message: &Value) -> Self {
        let rows = message["reply_markup"]["inline_keyboard"].as_array().cloned().unwrap_or_default();
        let buttons = rows.iter().filter_map(Value::as_array).flatten();
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        Self {
            id: message["message_id"].as_i64().unwrap(),
            text: text(&message["text"]),
            buttons: buttons.map(|button| (text(&button["text"]), text(&button["callback_data"]))).collect(),
        }
    }

    #[must_use]
    pub fn has_button(&self, label: &str) -> bool {
        self.buttons.iter().any(|(text, _)| text == label)
    }
}

async fn post(client: &Client, simulator: &str, what: &str, body: &Value) -> Value {
    let answer = client.post(format!("{simulator}/sim/{what}")).json(body).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{what} {body}: {text}");
    serde_json::from_str(&text).unwrap()
}
