//! Everything that goes wrong, in OpenAI's shape.

use serde_json::{Value, json};

use crate::shop::{MODEL, Shop, hello, hello_with};
use e2e::Script;

/// Status, type, code and param.
type Told = (u16, String, String, Value);

async fn told(shop: &Shop, key: &str, body: &Value) -> Told {
    let (status, body) = shop.ask(key, body).await;
    let error = &body["error"];
    let fields: Vec<&String> = body.as_object().map(|body| body.keys().collect()).unwrap_or_default();
    assert_eq!(fields, ["error"], "{body}");
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (status, text("type"), text("code"), error["param"].clone())
}

fn expected(status: u16, kind: &str, code: &str, param: impl Into<Value>) -> Told {
    (status, kind.to_owned(), code.to_owned(), param.into())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_does_wrong_is_told_before_anything_is_asked() {
    let shop = Shop::open().await;
    let (_, key) = shop.key("shop").await;
    let (_, other) = shop.key_with("other", |key| key.models = vec!["other/*".to_owned()]).await;
    let invalid = "invalid_request_error";
    for wrong in ["", "sk-1", "drg_0011223344556677", &format!("{key}0"), &key.replace("drg_", "drg-")] {
        let told = told(&shop, wrong, &hello()).await;
        assert_eq!(told, expected(401, invalid, "invalid_api_key", Value::Null), "{wrong}");
    }
    let guessed = format!("{}{}", &key[..key.len() - 1], if key.ends_with('0') { "1" } else { "0" });
    assert_eq!(told(&shop, &guessed, &hello()).await.0, 401);
    assert_eq!(told(&shop, &other, &hello()).await, expected(403, invalid, "model_not_allowed", "model"));
    for model in ["default/nobody", "parrot-1", "", "offline/full-text search"] {
        let told = told(&shop, &key, &hello_with(json!({"model": model}))).await;
        assert_eq!(told, expected(404, invalid, "model_not_found", "model"), "{model}");
    }
    let empty = hello_with(json!({"messages": []}));
    assert_eq!(told(&shop, &key, &empty).await, expected(400, invalid, "empty_conversation", "messages"));
    let hot = hello_with(json!({"temperature": 3}));
    assert_eq!(told(&shop, &key, &hot).await, expected(400, invalid, "invalid_value", "temperature"));
    let misspelt = hello_with(json!({"temprature": 1}));
    assert_eq!(told(&shop, &key, &misspelt).await, expected(400, invalid, "unknown_parameter", "temprature"));
    let many = hello_with(json!({"max_tokens": 1_000_000}));
    assert_eq!(told(&shop, &key, &many).await, expected(400, invalid, "invalid_value", "max_tokens"));
    let long = hello_with(json!({"messages": [{"role": "user", "content": "word ".repeat(200_000)}]}));
    assert_eq!(told(&shop, &key, &long).await, expected(400, invalid, "context_length_exceeded", "messages"));
    let longer = hello_with(json!({"messages": [{"role": "user", "content": "word ".repeat(1_000_000)}]}));
    assert_eq!(told(&shop, &key, &longer).await, expected(413, invalid, "request_too_large", Value::Null));
    let no_json = shop.post(&key, &json!(null)).body("{\"model\": \"\u{1}").send().await.unwrap();
    assert_eq!(no_json.status(), 400);
    assert_eq!(shop.upstream.calls(), 0, "the provider was asked");
    assert_eq!(shop.ledger(0).await, []);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_does_wrong_is_told_without_its_words() {
    let shop = Shop::open().await;
    let (_, key) = shop.key("shop").await;
    let html = "<html>secret</html>";
    let quota = r#"{"error": {"message": "secret", "code": "insufficient_quota"}}"#;
    for (script, told_as) in [
        (
            Script::Refuses(429, "retry-after: 7\r\n", html),
            expected(429, "rate_limit_error", "rate_limit_exceeded", Value::Null),
        ),
        (Script::Refuses(503, "", html), expected(503, "server_error", "unavailable", Value::Null)),
        (Script::Refuses(429, "", quota), expected(502, "server_error", "provider_error", Value::Null)),
        (Script::Refuses(401, "", html), expected(502, "server_error", "provider_error", Value::Null)),
        (
            Script::Refuses(400, "", html),
            expected(400, "invalid_request_error", "invalid_value", Value::Null),
        ),
        (Script::Refuses(200, "", html), expected(502, "server_error", "provider_error", Value::Null)),
        (
            Script::Refuses(200, "", "{\"choices\": [{\"message\": {\"content\": \"\u{fffd}"),
            expected(502, "server_error", "provider_error", Value::Null),
        ),
    ] {
        shop.upstream.does(script.clone());
        assert_eq!(told(&shop, &key, &hello()).await, told_as, "{script:?}");
        let (status, body) = shop.ask(&key, &hello_with(json!({"stream": true}))).await;
        assert_eq!(status, told_as.0, "{script:?}: {body}");
        assert!(!body.to_string().contains("secret"), "{body}");
    }
    shop.upstream.does(Script::Refuses(429, "retry-after: 7\r\n", html));
    let answer = shop.post(&key, &hello()).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "7");
    let rows = shop.ledger(15).await;
    assert!(rows.iter().all(|row| row.outcome == "failed"), "{rows:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_takes_too_long_is_a_gateways_timeout() {
    let shop = Shop::open_with("request_timeout_ms = 200").await;
    let (_, key) = shop.key("shop").await;
    shop.upstream.does(Script::Hangs);
    assert_eq!(told(&shop, &key, &hello()).await, expected(504, "server_error", "timeout", Value::Null));
    shop.upstream.sees(|seen| seen.cancelled == 1).await;
    let rows = shop.ledger(1).await;
    assert!(rows[0].outcome == "failed" && rows[0].cost_micros > 0, "the model was at work: {rows:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_worker_programs_are_told_to_come_back() {
    let stage = testkit::stage(&[&gateway::Gateway]).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let settings = format!("[gateway]\nllm_url = \"http://{nobody}\"\n");
    let app = stage.start(&[&gateway::Gateway], &settings).await;
    let desk = gateway::KeyDesk {
        pool: stage.pool("gateway").clone(),
        clock: ids::Clock::system(),
        ids: ids::Ids::system(),
    };
    let new = gateway::NewKey {
        name: "shop".to_owned(),
        models: Vec::new(),
        budget_micros: None,
        period: gateway::Period::Day,
        lasts: None,
    };
    let (_, key) = desk.create(&new).await.unwrap();
    let client = outbound::builder().unwrap().no_proxy().build().unwrap();
    let url = format!("{}/v1/chat/completions", app.url());
    let body = json!({"model": MODEL, "messages": [{"role": "user", "content": "Hi"}]}).to_string();
    let answer = client.post(url).bearer_auth(key.expose()).body(body).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(body["error"]["code"], "unavailable");
    app.stop().await;
    let wrong = stage.try_start(&[&gateway::Gateway], "[gateway]\nllm_url = \"nowhere\"").await;
    assert!(wrong.unwrap_err().sentence().contains("llm_url"));
}
