//! What these tests share: the service on its stage with two bots, `a` and `b`.

use std::path::Path;

use bot::Bot;
use testkit::{App, Stage};

pub(crate) async fn stage() -> Stage {
    let stage = testkit::stage(&[&Bot]).await;
    for service in ["gateway", "llm"] {
        stage.bus().ensure_stream(service).await.unwrap();
    }
    stage
}

pub(crate) async fn start(stage: &Stage, api_base: &str) -> App {
    start_from(stage, api_base, &testkit::workspace_root().join("bots")).await
}

/// The same with the bots of another directory.
pub(crate) async fn start_from(stage: &Stage, api_base: &str, bots: &Path) -> App {
    let bot = |name: &str| {
        format!("[telegram.bots.{name}]\ntoken = \"1:token-of-{name}\"\nfolder = \"dev2production\"\n")
    };
    let config = format!(
        "[bot]\nbots_dir = {bots:?}\n[telegram]\napi_base = \"{api_base}\"\n{}{}",
        bot("a"),
        bot("b")
    );
    stage.start(&[&Bot], &config).await
}
