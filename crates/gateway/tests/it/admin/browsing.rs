use std::collections::BTreeMap;

use reqwest::header::{LOCATION, SET_COOKIE};
use testkit::App;

use crate::support::client;

/// A browser that has no scripts: it keeps cookies, and sends forms with the word that stands in the last page.
pub(crate) struct Browser {
    pub(crate) url: String,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) word: String,
    /// Further headers of every request.
    pub(crate) headers: Vec<(&'static str, String)>,
    client: reqwest::Client,
}

pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(app: &App) -> Self {
        Self {
            url: app.url(),
            cookies: BTreeMap::new(),
            word: String::new(),
            headers: Vec::new(),
            client: client(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.client.get(format!("{}{path}", self.url));
        self.send(request).await
    }

    /// Sends a form of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let word = self.word.clone();
        self.post_with(path, &word, fields).await
    }

    pub(crate) async fn post_with(&mut self, path: &str, word: &str, fields: &[(&str, &str)]) -> Page {
        let url = reqwest::Url::parse_with_params("http://form/", fields).unwrap();
        let body = format!("word={word}&{}", url.query().unwrap_or_default());
        let request = self.client.post(format!("{}{path}", self.url)).body(body);
        self.send(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    pub(crate) async fn sign_in(&mut self, name: &str, token: &str) -> Page {
        self.get("/admin/sign-in").await;
        self.post("/admin/sign-in", &[("name", name), ("token", token)]).await
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request = request.header("cookie", cookies.join("; "));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.unwrap();
        for line in answer.headers().get_all(SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let (value, rules) = rest.split_once(';').unwrap();
            if rules.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = answer.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.text().await.unwrap();
        if let Some((_, rest)) = body.split_once("name=\"word\" value=\"") {
            self.word = rest.split('"').next().unwrap().to_owned();
        }
        Page { status, location: location.unwrap_or_default(), headers, body }
    }
}
