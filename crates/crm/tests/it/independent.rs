//! Signed webhooks as others see them: the standard's own library for Python, and the workflow for n8n in docs/n8n.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use testkit::Judged;

use crate::receiver::{Call, Receiver};
use crate::support::{Facts, OTHER_SECRET, SECRET, endpoint, lead, publish, stage, start};

/// Verifies what it is told on its input; ends with 0 only if the library does.
const PYTHON: &str = include_str!("independent.py");
/// Runs the code of a node of n8n as n8n does; prints the items that it returns.
const NODE: &str = include_str!("independent.js");

/// What docs/CRM.md says to import.
fn workflow() -> Value {
    let file = testkit::workspace_root().join("docs/n8n/lead.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// A lead's delivery, while a secret is replaced: signed with both.
async fn delivered() -> Call {
    let stage = stage().await;
    let receiver = Receiver::start(&[]).await;
    let both = format!("{}previous_secret = \"{OTHER_SECRET}\"\n", endpoint("one", &receiver));
    let app = start(&stage, &both).await;
    let mut facts = Facts::listen(&stage).await;
    let mut lead = lead();
    // What is escaped, or takes more than a byte, is signed as it is sent.
    lead.answers[0].text = "Магазин «Ёлка»\n\u{1f384} \"</script>".to_owned();
    publish(&stage, &lead).await;
    assert_eq!(facts.next().await.outcome, "delivered");
    app.stop().await;
    receiver.calls()[0].clone()
}

fn headers(call: &Call) -> BTreeMap<&str, &str> {
    call.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect()
}

async fn python(secret: &str, headers: &BTreeMap<&str, &str>, body: &[u8]) -> Judged {
    let input = json!({ "secret": secret, "headers": headers, "body": body });
    testkit::standardwebhooks(PYTHON, &input.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_standards_own_library_for_python_accepts_a_delivery_with_either_secret_and_nothing_that_was_changed()
 {
    let call = delivered().await;
    let all = headers(&call);
    assert_eq!(all["webhook-signature"].split(' ').count(), 2);
    for secret in [SECRET, OTHER_SECRET] {
        let judged = python(secret, &all, &call.body).await;
        assert!(judged.is_well && judged.said == "lead.created", "{judged:?}");
    }
    let stranger = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let tampered = String::from_utf8(call.body.to_vec()).unwrap().replace("\"hot\"", "\"cold\"").into_bytes();
    assert_ne!(tampered, call.body);
    let with = |name: &'static str, value: &'static str| {
        let mut changed = all.clone();
        changed.insert(name, value);
        changed
    };
    for (what, secret, headers, body, why) in [
        ("the body was changed", SECRET, all.clone(), tampered, "No matching signature"),
        ("another secret", stranger, all.clone(), call.body.to_vec(), "No matching signature"),
        ("another id", SECRET, with("webhook-id", "lead_1_one"), call.body.to_vec(), "No matching signature"),
        ("an old time", SECRET, with("webhook-timestamp", "1614265330"), call.body.to_vec(), "too old"),
    ] {
        let judged = python(secret, &headers, &body).await;
        assert!(!judged.is_well && judged.said.contains(why), "{what}: {judged:?}");
    }
}

/// The standard's own example.
#[tokio::test]
async fn the_standards_test_vector_holds_here_and_there() {
    let (id, at, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
    let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    assert_eq!(Webhook::new(SECRET).unwrap().sign(id, at, body.as_bytes()).unwrap(), expected);
    let input = json!({ "secret": SECRET, "sign": { "id": id, "timestamp": at }, "body": body.as_bytes() });
    let judged = testkit::standardwebhooks(PYTHON, &input.to_string()).await;
    assert!(judged.is_well && judged.said == expected, "{judged:?}");
}

/// The node of the workflow that is called so.
fn node(workflow: &Value, name: &str) -> Value {
    let nodes = workflow["nodes"].as_array().unwrap();
    nodes.iter().find(|node| node["name"] == name).unwrap().clone()
}

async fn in_n8n(code: &str, headers: &BTreeMap<&str, &str>, body: &[u8]) -> Value {
    let input = json!({ "code": code, "headers": headers, "body": body });
    let judged = testkit::node(NODE, &input.to_string()).await;
    assert!(judged.is_well, "{judged:?}");
    let items: Value = serde_json::from_str(&judged.said).unwrap();
    items[0]["json"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workflow_for_n8n_takes_a_delivery_and_refuses_what_was_changed() {
    let workflow = workflow();
    let code = node(&workflow, "Verify")["parameters"]["jsCode"].as_str().unwrap().to_owned();
    assert!(code.contains("'whsec_REPLACE_ME'"), "the secret to be replaced is marked");
    let code = code.replace("whsec_REPLACE_ME", SECRET);
    let call = delivered().await;
    let all = headers(&call);

    let taken = in_n8n(&code, &all, &call.body).await;
    assert_eq!(taken["verified"], true, "{taken}");
    assert_eq!((&taken["id"], &taken["type"]), (&json!(call.id()), &json!("lead.created")));
    assert_eq!(taken["data"], call.json()["data"]);

    let tampered = String::from_utf8(call.body.to_vec()).unwrap().replace("\"hot\"", "\"cold\"").into_bytes();
    let with = |name: &'static str, value: &'static str| {
        let mut changed = all.clone();
        changed.insert(name, value);
        changed
    };
    let mut without = all.clone();
    without.remove("webhook-signature");
    for (what, headers, body) in [
        ("the body was changed", all.clone(), tampered),
        ("no JSON at all", all.clone(), b"{".to_vec()),
        ("another id", with("webhook-id", "lead_1_one"), call.body.to_vec()),
        ("an old time", with("webhook-timestamp", "1614265330"), call.body.to_vec()),
        ("no time", with("webhook-timestamp", "soon"), call.body.to_vec()),
        ("no signature", without, call.body.to_vec()),
        ("nonsense for a signature", with("webhook-signature", "v1, v1,%%% v2,AAAA"), call.body.to_vec()),
    ] {
        let refused = in_n8n(&code, &headers, &body).await;
        assert_eq!(refused["verified"], false, "{what}: {refused}");
        assert!(refused.get("data").is_none(), "{what}: something was read of it: {refused}");
    }
}

#[test]
fn the_workflow_for_n8n_hangs_together() {
    let workflow = workflow();
    let trigger = node(&workflow, "Lead");
    // Without the bytes as they came nothing can be verified.
    assert_eq!(trigger["parameters"]["options"]["rawBody"], true);
    assert_eq!(trigger["parameters"]["httpMethod"], "POST");
    let next = |from: &str, way: usize| {
        workflow["connections"][from]["main"][way][0]["node"].as_str().unwrap().to_owned()
    };
    assert_eq!(next("Lead", 0), "Verify");
    assert_eq!(next("Verify", 0), "Is it Dragoman?");
    for (way, status) in [(0, 204), (1, 401)] {
        let answer = node(&workflow, &next("Is it Dragoman?", way));
        assert_eq!(answer["parameters"]["options"]["responseCode"], status);
    }
    let mut at = next("Is it Dragoman?", 0);
    let mut passed = vec![at.clone()];
    while workflow["connections"].get(&at).is_some() {
        at = next(&at, 0);
        passed.push(at.clone());
    }
    assert_eq!(passed, ["Taken", "Once", "Draft a reply", "Your own from here"]);
    for name in passed {
        node(&workflow, &name);
    }
    assert!(
        node(&workflow, "Draft a reply")["parameters"]["url"]
            .as_str()
            .unwrap()
            .ends_with("/v1/chat/completions")
    );
}
