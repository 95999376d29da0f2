//! `/costs`: an admin is told what models cost, everybody else has no such command.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bot::Bot;
use rpc::llm::costs_server::{Costs, CostsServer};
use rpc::llm::{CostLine, CostsRequest, CostsResponse};
use rpc::{Request, Response, Status};
use tonic::service::Routes;

use crate::stand::{Stand, says, telegram, told};

const ADMIN: i64 = 7;
const OTHER: i64 = 8;

/// In place of the model worker.
#[derive(Clone, Default)]
struct Ledger {
    is_away: Arc<Mutex<bool>>,
}

#[async_trait]
impl Costs for Ledger {
    async fn costs(&self, request: Request<CostsRequest>) -> Result<Response<CostsResponse>, Status> {
        assert_eq!(request.into_inner().by, "model");
        if *self.is_away.lock().unwrap() {
            return Err(Status::unavailable("away"));
        }
        let line =
            |name: &str, cost_micros| CostLine { name: name.to_owned(), cost_micros, ..CostLine::default() };
        Ok(Response::new(CostsResponse {
            lines: vec![line("large", 40_000_000), line("small", 1_234), line("offline", 0)],
            total: Some(line("", 40_001_234)),
            today: Some(line("", 2_500_000)),
            month: Some(line("", 40_001_234)),
            day_limit_micros: 100_000_000,
            held_micros: 0,
            resets_at_ms: 4_102_444_800_000,
        }))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_is_told_what_models_cost_and_nobody_else() {
    let ledger = Ledger::default();
    let stand = Stand(Routes::new(CostsServer::new(ledger.clone())));
    let stage = testkit::stage(&[&Bot, &stand]).await;
    stage.bus().ensure_stream("gateway").await.unwrap();
    let telegram = telegram().await;
    let config = format!(
        "[bot]\nbots_dir = {:?}\nadmins = [{ADMIN}]\nper_chat_per_second = 0\n[telegram]\napi_base = \"{}\"\n\
         [telegram.bots.a]\ntoken = \"1:token-of-a\"\nfolder = \"dev2production\"\n",
        testkit::workspace_root().join("bots"),
        telegram.uri()
    );
    let app = stage.start(&[&Bot, &stand], &config).await;
    for (nth, chat) in [(1, ADMIN), (2, OTHER)] {
        says(&stage, nth, chat, "/start").await;
        told(&telegram, chat, "").await;
    }
    says(&stage, 3, ADMIN, "/costs").await;
    let report = told(&telegram, ADMIN, "$2.50 of $100.00 today").await;
    assert!(
        report.contains("$40.00 this month") && report.contains("large: $40.00\\nsmall: $0.0012"),
        "{report}"
    );
    assert!(report.contains("UTC+3") && !report.contains("offline") && !report.contains('{'), "{report}");

    *ledger.is_away.lock().unwrap() = true;
    says(&stage, 4, ADMIN, "/costs").await;
    told(&telegram, ADMIN, "keeps the accounts is not answering").await;
    says(&stage, 5, OTHER, "/costs").await;
    let other = told(&telegram, OTHER, "/help").await;
    assert!(!other.contains('$'), "{other}");
    app.stop().await;
}
