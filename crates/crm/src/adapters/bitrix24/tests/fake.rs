//! What the tests here stand on: the traps of the API, as the portal of `testkit` has them.

use serde_json::{Value, json};

use super::*;
use testkit::crms::Stranger;

async fn ask(bench: &Bench, method: &str, params: &Value) -> (u16, Value) {
    let url = format!("{}/rest/{}/{method}", bench.portal.url(), bench.portal.token());
    let answer = bench.caller.client().post(url).json(params).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn what_it_does_not_know_it_ignores_and_an_empty_map_is_a_list() {
    let bench = bench(Options::default()).await;
    let params =
        json!({ "entityTypeId": 1, "fields": { "title": "x", "ufCrm_nowhere": 1, "opportunity": 5 } });
    let (status, made) = ask(&bench, "crm.item.add.json", &params).await;
    assert_eq!((status, &made["result"]["item"]["id"]), (200, &json!(1)));
    assert_eq!(made["result"]["item"].get("ufCrm_nowhere"), None);
    assert_eq!(made["result"]["item"]["opportunity"], json!(0), "the amount is counted from products");
    let (_, nobody) =
        ask(&bench, "crm.duplicate.findbycomm", &json!({ "type": "PHONE", "values": ["1"] })).await;
    assert_eq!(nobody["result"], json!([]));
    let (_, listed) =
        ask(&bench, "crm.item.list", &json!({ "entityTypeId": 1, "filter": { "fm": 1 } })).await;
    assert_eq!(listed["error"], "INVALID_ARG_VALUE");
    let url = format!("{}/rest/1/wrong/crm.item.list", bench.portal.url());
    assert_eq!(bench.caller.client().post(url).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_batch_goes_on_past_a_failure_and_hands_results_on() {
    let bench = bench(Options::default()).await;
    let commands = json!({
        "a": "crm.item.add?entityTypeId=1&fields[title]=R%26D+1&fields[fm][0][typeId]=PHONE&fields[fm][0][valueType]=WORK&fields[fm][0][value]=%2B7900",
        "b": "crm.item.get?entityTypeId=1&id=99",
        "c": "crm.timeline.comment.add?fields[ENTITY_TYPE]=lead&fields[ENTITY_ID]=$result[a][item][id]&fields[COMMENT]=hi",
        "d": "batch?cmd[x]=user.get",
    });
    let (status, done) = ask(&bench, "batch", &json!({ "halt": 0, "cmd": commands })).await;
    assert_eq!(status, 200);
    let lead = bench.only();
    assert_eq!((lead.name.as_str(), lead.notes), ("R&D 1", vec!["hi".to_owned()]));
    assert_eq!(done["result"]["result_error"]["b"]["error"], "NOT_FOUND");
    assert_eq!(done["result"]["result_error"]["d"]["error"], "ERROR_BATCH_METHOD_NOT_ALLOWED");
    assert_eq!(done["result"]["result_next"], json!([]));
    let halted = json!({ "halt": 1, "cmd": { "a": "crm.item.get?entityTypeId=1&id=99", "b": "user.get" } });
    assert_eq!(ask(&bench, "batch", &halted).await.1["result"]["result"], json!([]));
    let many: Vec<&str> = vec!["crm.settings.mode.get"; 51];
    let (_, many) = ask(&bench, "batch", &json!({ "cmd": many })).await;
    assert_eq!(many["result"]["result_error"]["50"]["error"], "ERROR_BATCH_LENGTH_EXCEEDED");
}

#[tokio::test]
async fn who_calls_on_past_the_limit_is_shut_out() {
    let bench = bench(Options { drained: 0.0, ..Options::default() }).await;
    let mut refused = Vec::new();
    for _ in 0..61 {
        let (status, said) = ask(&bench, "crm.settings.mode.get", &json!({})).await;
        refused.extend((status == 503).then(|| said["error"].as_str().unwrap().to_owned()));
    }
    assert_eq!(
        (refused.len(), refused[0].as_str(), refused[10].as_str()),
        (11, "QUERY_LIMIT_EXCEEDED", "OVERLOAD_LIMIT")
    );
    assert!(bench.portal.calls().overload);
}

#[tokio::test]
async fn a_manager_who_moves_a_lead_is_told_of_and_so_is_our_own_change() {
    let ours = Stranger::start(|_| (200, b"ok".to_vec())).await;
    let bench = bench(Options::default()).await;
    let lead = bench.new_lead(&deal(), &ada()).await.unwrap().deal;
    assert_eq!(bench.portal.move_to(&lead, "IN_PROCESS").await, None, "nobody wants to know");
    bench.portal.tell(&format!("{}/crm/sales", ours.url()));
    assert_eq!(bench.portal.move_to(&lead, "CONVERTED").await, Some(200));
    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(ours.posted()[0].as_bytes()).into_owned().collect();
    for wanted in [
        ("event", "ONCRMLEADUPDATE"),
        ("data[FIELDS][ID]", "1"),
        ("auth[application_token]", "51856fefc120afa4b628cc82d3935cce"),
    ] {
        assert!(
            form.iter().any(|(key, value)| (key.as_str(), value.as_str()) == wanted),
            "{wanted:?}: {form:?}"
        );
    }
    bench.adapter.update_deal(&lead, &deal()).await.unwrap();
    let told = testkit::until("our change is told", async || ours.posted().get(1).cloned()).await;
    assert!(told.starts_with("event=ONCRMLEADUPDATE"), "{told}");
    assert_eq!(bench.only().stage, "CONVERTED");
}
