use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

/// The REST API of an installation.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client,
    url: String,
    token: String,
}

/// The numbers as `GET /v1/kpi` tells them.
#[derive(Clone, Debug)]
pub struct Kpi(pub Value);

impl Api {
    #[must_use]
    pub fn new(url: String, token: &str) -> Self {
        Self { client: crate::http(), url, token: token.to_owned() }
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    pub async fn kpi(&self) -> Kpi {
        let call = self.client.get(format!("{}/v1/kpi", self.url)).bearer_auth(&self.token);
        let answer = call.send().await.unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{body}");
        Kpi(serde_json::from_str(&body).unwrap())
    }

    /// Waits until the numbers are so. Each time they change without being so they are told, for a failure.
    pub async fn kpi_when(&self, what: &str, holds: impl Fn(&Kpi) -> bool) -> Kpi {
        let mut before = None;
        let ask = async || {
            let kpi = self.kpi().await;
            if holds(&kpi) {
                return Some(kpi);
            }
            let mut told = kpi.0;
            told["to"].take();
            told["from"].take();
            if before.as_ref() != Some(&told) {
                eprintln!("not yet {what}: {told}");
                before = Some(told);
            }
            None
        };
        testkit::until(&format!("the numbers show {what}"), ask).await
    }

    /// The status of a GET with this token, or with none.
    pub async fn status(&self, path: &str, token: Option<&str>) -> StatusCode {
        let call = self.client.get(format!("{}{path}", self.url));
        let call = match token {
            Some(token) => call.bearer_auth(token),
            None => call,
        };
        call.send().await.unwrap().status()
    }

    /// The answer to a GET without a token.
    pub async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    /// The answer to a POST without a body, with this token, or with none.
    pub async fn post(&self, path: &str, token: Option<&str>) -> Response {
        let call = self.client.post(format!("{}{path}", self.url));
        let call = match token {
            Some(token) => call.bearer_auth(token),
            None => call,
        };
        call.send().await.unwrap()
    }

    /// A page that anybody may read.
    pub async fn text(&self, path: &str) -> String {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.unwrap()
    }
}

impl Kpi {
    /// A number by its path, `/leads/hot`.
    #[track_caller]
    #[must_use]
    pub fn number(&self, path: &str) -> f64 {
        let number = self.0.pointer(path).and_then(Value::as_f64);
        number.unwrap_or_else(|| panic!("there is no {path} in {}", self.0))
    }

    /// A count by its path.
    #[track_caller]
    #[must_use]
    pub fn count(&self, path: &str) -> i64 {
        self.number(path) as i64
    }
}
