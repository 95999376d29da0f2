//! OpenAI's own client for Python.

use std::time::Duration;

use local_servers::{TOOLS_VARIABLE, Tools};
use tokio::process::Command;

use crate::shop::{MODEL, Shop};
use e2e::Script;

const SCRIPT: &str = include_str!("openai_client.py");

/// Runs a part of the script; what it printed.
async fn run(shop: &Shop, packages: &std::path::Path, key: &str, part: &str) -> String {
    let running = Command::new("python3")
        .args(["-c", SCRIPT, part])
        .env("PYTHONPATH", packages)
        .env("OPENAI_API_KEY", key)
        .env("OPENAI_BASE_URL", format!("{}/v1", shop.app.url()))
        .env("MODEL", MODEL)
        .env("NO_PROXY", "127.0.0.1")
        .kill_on_drop(true)
        .output();
    let output =
        tokio::time::timeout(Duration::from_secs(120), running).await.expect("it does not end").unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{part}: {told}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_written_for_openai_works_here() {
    let packages = tokio::task::spawn_blocking(|| {
        let tools = match std::env::var_os(TOOLS_VARIABLE) {
            Some(folder) => Tools::at(folder),
            None => Tools::below(testkit::workspace_root()),
        };
        tools.and_then(|tools| tools.openai())
    });
    let packages = packages.await.unwrap().unwrap_or_else(|error| panic!("{error}"));
    let shop = Shop::open().await;
    let (_, key) = shop.key("shop").await;
    assert_eq!(run(&shop, &packages, &key, "models").await, MODEL);
    assert_eq!(run(&shop, &packages, &key, "whole").await, "Good day.|stop|1000+100");
    assert_eq!(run(&shop, &packages, &key, "stream").await, "Good day.|stop|1100");
    shop.upstream.does(Script::Calls { name: "find", arguments: "{\"what\": \"shoes\"}" });
    assert_eq!(run(&shop, &packages, &key, "tools").await, "find|shoes|tool_calls");
    assert_eq!(run(&shop, &packages, "drg_1", "error").await, "AuthenticationError|401|invalid_api_key|None");
    let unknown = run(&shop, &packages, &key, "unknown").await;
    assert_eq!(unknown, "NotFoundError|404|model_not_found|model");
    let (_, poor) = shop.key_with("poor", |key| key.budget_micros = Some(1)).await;
    assert_eq!(run(&shop, &packages, &poor, "error").await, "RateLimitError|429|insufficient_quota|None");
    shop.upstream.does(Script::Cuts);
    assert_eq!(run(&shop, &packages, &key, "broken").await, "Good |APIError");
    shop.ledger(4).await;
    shop.close().await;
}
