//! The address of an account, and the account on the loopback itself: it lets nothing through that amoCRM would not.

use serde_json::{Value, json};
use testkit::crms::Deal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::line::base;
use super::*;

#[test]
fn an_address_that_names_no_account_is_told_at_the_start() {
    let said = |url: &str| base(&config(url)).err().map(|error| error.to_string());
    for url in ["https://acme.amocrm.ru", "https://acme.kommo.com/", "http://127.0.0.1:8000"] {
        assert_eq!(said(url), None, "{url}");
    }
    for url in [
        "https://amocrm.ru",
        "https://www.kommo.com",
        "acme.amocrm.ru",
        "ftp://acme.amocrm.ru",
        "https://acme.amocrm.ru/api/v4",
        "https://acme.amocrm.ru/?a=b",
        "https://user@acme.amocrm.ru",
    ] {
        let error = said(url).expect(url);
        assert!(error.starts_with("[[crm.accounts]] sales: url "), "{error}");
    }
}

async fn call(crm: &Amocrm, method: reqwest::Method, path: &str, body: Value) -> (u16, String) {
    let client = outbound::builder().unwrap().no_proxy().build().unwrap();
    let request = client.request(method, format!("{}/api/v4/{path}", crm.url())).bearer_auth(crm.token());
    let request = if body.is_null() { request } else { request.json(&body) };
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_account_refuses_what_the_real_one_does() {
    let crm = Amocrm::start(Options { per_second: 100, ..Options::default() }).await;
    let post = async |path, body| call(&crm, reqwest::Method::POST, path, body).await;
    let get = async |path| call(&crm, reqwest::Method::GET, path, Value::Null).await;
    let leads = |count: usize| Value::Array(vec![json!({ "name": "a" }); count]);
    assert_eq!(post("leads", leads(50)).await.0, 200);
    assert_eq!(post("leads", leads(51)).await.0, 400);
    assert!(post("leads", json!({ "data": leads(1) })).await.1.contains("FieldMissing"));
    assert!(post("leads", json!([{ "nam": "a" }])).await.1.contains("NotExpected"));
    let wrong = post("leads", json!([{ "name": "a" }, { "name": "b", "price": "5" }])).await.1;
    assert!(wrong.contains(r#""path":"price""#) && wrong.contains(r#""request_id":"1""#), "{wrong}");
    assert_eq!(crm.deals().len(), 50, "of a request with an error nothing is done");
    assert_eq!(get("leads?limit=250&query=nobody").await.0, 204);
    assert_eq!(get("leads?limit=251").await.0, 400);
    assert_eq!(get("leads/5/notes").await.0, 404);
    assert_eq!(get("pipelines").await.0, 404);
    let nameless = outbound::builder().unwrap().no_proxy().user_agent("").build().unwrap();
    let url = format!("{}/api/v4/account", crm.url());
    assert_eq!(nameless.get(&url).bearer_auth(crm.token()).send().await.unwrap().status(), 403);
    let strange = outbound::builder().unwrap().no_proxy().build().unwrap();
    assert_eq!(strange.get(&url).bearer_auth("other").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn more_than_seven_calls_in_a_second_are_too_many() {
    let crm = Amocrm::start(Options { patience: usize::MAX, ..Options::default() }).await;
    let ask = || call(&crm, reqwest::Method::GET, "account", Value::Null);
    // A machine that is busy may need longer than that second.
    let refused = testkit::until("eight calls come in a second", async || {
        let eight = futures::future::join_all((0..8).map(|_| ask())).await;
        eight.into_iter().find(|(status, _)| *status == 429)
    });
    assert_eq!(refused.await.1, "Too many requests");
    testkit::until("the second is over", async || (ask().await.0 == 200).then_some(())).await;
}

#[tokio::test]
async fn a_move_to_another_stage_is_told_to_who_asked_for_it() {
    let crm = Amocrm::start(Options::default()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/amocrm/secret", listener.local_addr().unwrap());
    let asked = json!({ "destination": url, "settings": ["status_lead"] });
    assert_eq!(call(&crm, reqwest::Method::POST, "webhooks", asked).await.0, 201);
    let wrong = json!({ "destination": url, "settings": ["status_leads"] });
    assert_eq!(call(&crm, reqwest::Method::POST, "webhooks", wrong).await.0, 400);
    let deal = crm.add_deal(&Deal { name: "A & B".to_owned(), ..Deal::default() });
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = vec![0; 16_384];
        let mut length = 0;
        while !String::from_utf8_lossy(&heard[..length]).contains("amocrm.ru") {
            length += stream.read(&mut heard[length..]).await.unwrap();
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        String::from_utf8_lossy(&heard[..length]).into_owned()
    });
    assert_eq!(crm.move_lead(&deal, ids_of::WON).await, [Some(204)]);
    let heard = heard.await.unwrap();
    assert!(heard.starts_with("POST /amocrm/secret HTTP/1.1\r\n"), "{heard}");
    for part in [
        format!("leads%5Bstatus%5D%5B0%5D%5Bid%5D={deal}&"),
        "leads%5Bstatus%5D%5B0%5D%5Bstatus_id%5D=142&".to_owned(),
        "leads%5Bstatus%5D%5B0%5D%5Bold_status_id%5D=1111&".to_owned(),
        "leads%5Bstatus%5D%5B0%5D%5Bname%5D=A%20%26%20B&".to_owned(),
        "account%5Bsubdomain%5D=acme&".to_owned(),
    ] {
        assert!(heard.contains(&part), "{part}\n{heard}");
    }
    assert_eq!(crm.deals()[0].stage, "142");
}
