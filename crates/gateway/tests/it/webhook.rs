//! Deliveries by webhook: what each answer means, and that 200 means stored.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::bot_api::message;
use crate::support::{
    SECRET, SECRET_HEADER, by_webhook, client, deliver, stage, start, stored, stored_at_least,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_update_is_stored_as_it_came_under_its_own_id_before_it_is_acknowledged() {
    let stage = stage().await;
    let app = start(&stage, &by_webhook()).await;
    // Spaces, an unknown field and an unknown kind: nothing of it may be lost.
    let known = message(42, 1).to_string().replace(':', " : ");
    let unknown = r#"{"update_id":2,"telepathy":{"thought":"\u0000","chat":{"id":7}}}"#;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = client().post(format!("{}/telegram/sales", app.url())).header(SECRET_HEADER, SECRET);
    let answer = request.header("traceparent", trace).body(known.clone()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(deliver(&app, unknown).await.0, 200);
    // Telegram repeats what it believes lost.
    assert_eq!(deliver(&app, known.clone()).await.0, 200);

    let stored = stored(&stage).await;
    assert_eq!(stored.len(), 2);
    assert_eq!((stored[0].id.as_str(), stored[0].key.as_str()), ("sales:1", "sales_42"));
    assert_eq!((stored[0].raw.as_slice(), stored[0].trace.as_str()), (known.as_bytes(), trace));
    assert_eq!((stored[1].id.as_str(), stored[1].key.as_str()), ("sales:2", "sales_0"));
    assert_eq!((stored[1].raw.as_slice(), stored[1].kind.as_str()), (unknown.as_bytes(), "unknown"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_delivery_has_its_own_status() {
    let stage = stage().await;
    let app = start(&stage, &by_webhook()).await;
    let post = async |path: &str, secret: Option<&str>, body: Vec<u8>| {
        let mut request = client().post(format!("{}{path}", app.url())).body(body);
        if let Some(secret) = secret {
            request = request.header(SECRET_HEADER, secret);
        }
        let answer = request.send().await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(kind, "application/problem+json", "{path}");
        answer.status().as_u16()
    };
    let update = || message(1, 1).to_string().into_bytes();
    for secret in [None, Some(""), Some("the-secret"), Some("the-secret-of-the-webhook ,x")] {
        assert_eq!(post("/telegram/sales", secret, update()).await, 401, "{secret:?}");
    }
    // A bot that does not exist answers as one whose secret is wrong.
    assert_eq!(post("/telegram/other", Some(SECRET), update()).await, 401);
    assert_eq!(post("/telegram/%FF", Some(SECRET), update()).await, 401);
    // The secret comes first, whatever the body.
    assert_eq!(post("/telegram/sales", Some("guess"), b"not json".to_vec()).await, 401);
    for body in ["", "not json", "[]", "{}", r#"{"update_id":"1"}"#, "{\"update_id\":1,"] {
        assert_eq!(post("/telegram/sales", Some(SECRET), body.into()).await, 400, "{body}");
    }
    let mebibyte = |bytes: usize| {
        let frame = r#"{"update_id":9,"message":{"text":""}}"#.len();
        format!(r#"{{"update_id":9,"message":{{"text":"{}"}}}}"#, "x".repeat(bytes - frame))
    };
    assert_eq!(post("/telegram/sales", Some(SECRET), mebibyte((1 << 20) + 1).into_bytes()).await, 413);
    assert_eq!(deliver(&app, mebibyte(1_000_000)).await.0, 200);
    let get = client().get(format!("{}/telegram/sales", app.url())).send().await.unwrap();
    assert_eq!(get.status(), 405);
    assert_eq!(stored(&stage).await.len(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nats_is_away_telegram_is_told_to_come_again() {
    let mut stage = stage().await;
    let app = start(&stage, &by_webhook()).await;
    stage.nats().stop().await;
    let away = testkit::until("the gateway refuses", async || {
        Some(deliver(&app, message(1, 1).to_string()).await).filter(|(status, _)| *status != 200)
    })
    .await;
    assert_eq!(away, (503, Some("1".to_owned())));
    stage.nats().start().await;
    testkit::until("the gateway accepts again", async || {
        (deliver(&app, message(1, 1).to_string()).await.0 == 200).then_some(())
    })
    .await;
    let stored = stored_at_least(&stage, 1).await;
    assert_eq!((stored.len(), stored[0].id.as_str()), (1, "sales:1"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_its_stream_is_full_telegram_is_told_to_come_again() {
    let stage = stage().await;
    let limited = |bytes: u64| format!("{}\n[nats]\nmax_stream_bytes = {bytes}\n", by_webhook());
    let app = start(&stage, &limited(20_000)).await;
    let mut update = 1;
    let refused = loop {
        match deliver(&app, message(1, update).to_string()).await {
            (200, _) => update += 1,
            refused => break refused,
        }
        assert!(update < 1000, "the stream takes everything");
    };
    assert_eq!(refused, (503, Some("1".to_owned())));
    app.stop().await;
    let app = start(&stage, &limited(40_000)).await;
    assert_eq!(deliver(&app, message(1, update).to_string()).await.0, 200);
    let stored = stored(&stage).await;
    assert_eq!((stored[0].id.as_str(), stored.len()), ("sales:1", usize::try_from(update).unwrap()));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_whose_acknowledgement_is_lost_is_stored_once_when_it_comes_again() {
    let mut stage = stage().await;
    let app = start(&stage, &by_webhook()).await;
    // The server hangs: whether it has the update is unknown, so Telegram must not forget it.
    stage.nats().pause();
    assert_eq!(deliver(&app, message(1, 1).to_string()).await, (503, Some("1".to_owned())));
    stage.nats().resume();
    testkit::until("the gateway accepts again", async || {
        (deliver(&app, message(1, 1).to_string()).await.0 == 200).then_some(())
    })
    .await;
    assert_eq!(stored(&stage).await.len(), 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_of_a_stranger_is_not_waited_for() {
    let stage = stage().await;
    let app = start(&stage, &by_webhook()).await;
    let address = app.url().trim_start_matches("http://").to_owned();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = "POST /telegram/sales HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let answered = tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut answer)).await;
    answered.unwrap().unwrap();
    assert_eq!(std::str::from_utf8(&answer), Ok("HTTP/1.1 401"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_has_heard_nothing_yet_is_counted() {
    let stage = stage().await;
    let silent = "[telegram.bots.silent]\ntoken = \"1:a\"\nmode = \"webhook\"\n";
    let app = start(&stage, &format!("{}\n{silent}", by_webhook())).await;
    let page = client().get(format!("{}/metrics", app.url())).send().await.unwrap().text().await.unwrap();
    let counter = r#"dragoman_updates_received_total{bot="silent",kind="message",outcome="stored"} 0"#;
    assert!(page.contains(counter), "{page}");
    app.stop().await;
}
