//! A gateway and a model worker with a provider behind them, and what a program with a key sends and gets.

use gateway::{Gateway, KeyDesk, NewKey, Period};
use ids::{Clock, Ids};
use llm_worker::LlmWorker;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use testkit::{App, Stage};

use e2e::Upstream;

/// As it is configured; `provider/model`.
pub(crate) const MODEL: &str = "default/parrot-1";

pub(crate) struct Shop {
    pub(crate) app: App,
    pub(crate) stage: Stage,
    pub(crate) upstream: Upstream,
    pub(crate) client: reqwest::Client,
}

/// What the ledger says of a call.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) outcome: String,
    pub(crate) api_key: String,
    pub(crate) prompt_tokens: i64,
    pub(crate) completion_tokens: i64,
    pub(crate) cost_micros: i64,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with("").await
    }

    /// With more lines of `[llm-worker]`.
    pub(crate) async fn open_with(more: &str) -> Self {
        let upstream = Upstream::start().await;
        let stage = testkit::stage(&[&Gateway, &LlmWorker]).await;
        let bots = testkit::workspace_root().join("bots");
        // Two dollars for a million tokens of the prompt, ten for one of the answer.
        let settings = format!(
            "[llm-worker]\nbots_dir = \"{}\"\nbase_url = \"{}\"\nmodel = \"parrot-1\"\n\
             prices = {{ input = 2000000, output = 10000000 }}\nretries = {{ attempts = 1 }}\n{more}\n",
            bots.display(),
            upstream.url()
        );
        let app = stage.start(&[&Gateway, &LlmWorker], &settings).await;
        let client = outbound::builder().unwrap().no_proxy().build().unwrap();
        Self { app, stage, upstream, client }
    }

    pub(crate) fn desk(&self) -> KeyDesk {
        let pool = self.stage.pool("gateway").clone();
        KeyDesk { pool, clock: Clock::system(), ids: Ids::system() }
    }

    /// A key that may do everything.
    pub(crate) async fn key(&self, name: &str) -> (String, String) {
        self.key_with(name, |_| {}).await
    }

    /// Its id, and the key.
    pub(crate) async fn key_with(&self, name: &str, change: impl FnOnce(&mut NewKey)) -> (String, String) {
        let (name, models) = (name.to_owned(), Vec::new());
        let mut new = NewKey { name, models, budget_micros: None, period: Period::Day, lasts: None };
        change(&mut new);
        let (id, key) = self.desk().create(&new).await.unwrap();
        (id, key.expose().to_owned())
    }

    pub(crate) fn post(&self, key: &str, body: &Value) -> RequestBuilder {
        let url = format!("{}/v1/chat/completions", self.app.url());
        self.client
            .post(url)
            .bearer_auth(key)
            .header("content-type", "application/json")
            .body(body.to_string())
    }

    /// Status and body of the answer.
    pub(crate) async fn ask(&self, key: &str, body: &Value) -> (u16, Value) {
        let answer = self.post(key, body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, json_of(answer).await)
    }

    pub(crate) async fn get(&self, key: &str, path: &str) -> (u16, Value) {
        let answer =
            self.client.get(format!("{}{path}", self.app.url())).bearer_auth(key).send().await.unwrap();
        (answer.status().as_u16(), json_of(answer).await)
    }

    /// The rows of the ledger, oldest first, when there are so many and nothing is held any more.
    pub(crate) async fn ledger(&self, count: usize) -> Vec<Row> {
        testkit::until(&format!("{count} rows are in the ledger"), async || {
            let rows = self.rows().await;
            let held: i64 = sqlx::query_scalar("select count(*) from reservation")
                .fetch_one(self.stage.pool("llm-worker"))
                .await
                .unwrap();
            (rows.len() >= count && held == 0).then_some(rows)
        })
        .await
    }

    async fn rows(&self) -> Vec<Row> {
        let rows: Vec<(String, String, i64, i64, i64)> = sqlx::query_as(
            "select outcome, api_key, prompt_tokens, completion_tokens, cost_micros from ledger order by ended_at",
        )
        .fetch_all(self.stage.pool("llm-worker"))
        .await
        .unwrap();
        let row = |(outcome, api_key, prompt_tokens, completion_tokens, cost_micros)| Row {
            outcome,
            api_key,
            prompt_tokens,
            completion_tokens,
            cost_micros,
        };
        rows.into_iter().map(row).collect()
    }

    pub(crate) async fn close(self) {
        self.app.stop().await;
    }
}

async fn json_of(answer: Response) -> Value {
    let text = answer.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

pub(crate) fn hello() -> Value {
    json!({"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]})
}

/// The same with more fields, or others.
pub(crate) fn hello_with(more: Value) -> Value {
    let mut body = hello();
    let Value::Object(more) = more else { panic!("fields of a request are an object") };
    body.as_object_mut().unwrap().extend(more);
    body
}
