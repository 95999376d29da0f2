//! A CRM that answers whatever it likes.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Answers every call with this body.
async fn server(body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let body = body.clone();
            tokio::spawn(async move {
                let mut request = [0; 65_536];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(body.as_bytes()).await;
            });
        }
    });
    url
}

fn is_contained<T: std::fmt::Debug>(answer: Result<T, Trouble>, writes: bool, body: &str) {
    let body: String = body.chars().take(60).collect();
    match answer {
        Err(Trouble::Unknown(_)) if writes => {}
        Err(Trouble::Failed { .. }) => {}
        other => panic!("{body}: {other:?}"),
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_no_success_and_no_panic() {
    let stage = stage().await;
    let deep = "[".repeat(100_000);
    let large = format!("{{\"id\":\"1\",\"results\":[\"{}\"]}}", "x".repeat(5 << 20));
    for body in [
        "",
        "null",
        "[]",
        "{\"id\":\"../owners\",\"results\":7}",
        "{\"id\":{},\"results\":[{\"id\":-1,\"toObjectId\":null}]}",
        "{\"id\":\"1\u{0}\",\"results\":[{}]}",
        "<html>sorry</html>",
        &deep,
        &large,
    ] {
        let url = server(body.to_owned()).await;
        let settings = json!({ "telegram_field": "telegram_id", "mark_field": "lead_id" });
        let adapter = adapter(&url, "t", &settings, &stage.pool).unwrap();
        is_contained(adapter.create_contact(&ada()).await, true, body);
        let deal = NewDeal { pipeline: "a".to_owned(), stage: "b".to_owned(), ..lead() };
        is_contained(adapter.create_deal(&deal, &Whose::Known("1")).await, true, body);
        is_contained(adapter.schema().await, false, body);
        is_contained(adapter.find(&ada(), &[FindBy::Email]).await, false, body);
        is_contained(adapter.find(&ada(), &[FindBy::Phone]).await, false, body);
        is_contained(adapter.has_note("1", "m").await, false, body);
        is_contained(adapter.made(MARK).await, false, body);
        is_contained(adapter.deal_state("2").await, false, body);
    }
}

#[tokio::test]
async fn a_list_that_never_ends_is_left() {
    let stage = stage().await;
    let page = "{\"results\":[{\"toObjectId\":1}],\"paging\":{\"next\":{\"after\":\"1\"}}}";
    let adapter = adapter(&server(page.to_owned()).await, "t", &json!({}), &stage.pool).unwrap();
    let failed = adapter.has_note("1", "m").await;
    assert!(matches!(failed, Err(Trouble::Failed { .. })), "{failed:?}");
}
