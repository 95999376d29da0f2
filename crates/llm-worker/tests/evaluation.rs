//! The shipped bot's cases, on a real Postgres, against the provider on the loopback.
#![expect(clippy::unwrap_used, reason = "these are tests, and what they share")]

use bot_folder::{BotFolder, Category, Files, Lang};
use futures::{StreamExt, stream};
use ids::{Clock, Ids, Secret};
use llm_worker::{Evaluation, LlmConfig, LlmWorker, Margins, Only, Ran, Regression, SCRIPTS, baseline_of};
use pg::{Pool, PoolSettings};
use serde_json::json;
use service_kit::Role;
use testkit::TestDatabase;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const BOT: &str = "dev2production";
const PARALLEL: usize = 4;

struct Fixture {
    pool: Pool,
    _database: TestDatabase,
}

/// A database as the worker finds it.
async fn fixture() -> Fixture {
    let database = testkit::database().await;
    let server = database.url.split_once('@').unwrap().1;
    let url = Secret::new(format!("postgres://{}_llm:only-for-this-test@{server}", database.name));
    pg::provision(&database.secret(), "llm", &url).await.unwrap();
    let pool = pg::connect(&PoolSettings { url, max_connections: 6 }, "llm").await.unwrap();
    pg::migrate(&pool, LlmWorker.migrator()).await.unwrap();
    Fixture { pool, _database: database }
}

fn files() -> Files {
    BotFolder::files(&testkit::workspace_root().join("bots").join(BOT)).unwrap()
}

fn evaluation(fixture: &Fixture, config: LlmConfig, files: Files) -> Evaluation {
    Evaluation::new(config, fixture.pool.clone(), (Clock::system(), Ids::system()), BOT, files).unwrap()
}

async fn all(evaluation: &Evaluation, only: &str) -> Vec<Ran> {
    evaluation.prepare().await.unwrap();
    let only = Only((!only.is_empty()).then(|| only.to_owned()));
    stream::iter(evaluation.scripts(&only))
        .map(|one| async move { Box::pin(evaluation.with_script(&one)).await.unwrap() })
        .buffered(PARALLEL)
        .collect()
        .await
}

fn told(ran: &[Ran]) -> Vec<String> {
    ran.iter().map(|one| format!("{}: {}", one.name, one.faults.join("; "))).collect()
}

/// The cases that are worse than the stored baseline.
fn regressions(evaluation: &Evaluation, ran: &[Ran]) -> Vec<Regression> {
    let category = |name: &str| ran.iter().find(|one| one.name == name).map(|one| one.category);
    let before = evaluation.bot().model_baselines.get(SCRIPTS);
    llm_worker::regressions(before, &baseline_of(ran, 1), category, Margins::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_cases_are_no_worse_than_their_baseline() {
    let fixture = fixture().await;
    let evaluation = evaluation(&fixture, LlmConfig::default(), files());
    let ran = all(&evaluation, "").await;
    let failed: Vec<Ran> = ran.iter().filter(|one| !one.faults.is_empty()).cloned().collect();
    let worse = regressions(&evaluation, &ran);
    assert!(worse.is_empty(), "{worse:#?}\nfailed: {:#?}", told(&failed));

    // What the suite is for: of enough kinds, in both languages, with enough attacks.
    let cases = &evaluation.bot().model_cases;
    let of = |wanted: Category| cases.iter().filter(|case| case.category == wanted).count();
    assert!(cases.len() >= 48 && of(Category::Adversarial) >= 18, "{} cases", cases.len());
    let russian = cases.iter().filter(|case| case.language == Lang::RU).count();
    assert!(russian * 10 >= cases.len() * 4 && russian * 10 <= cases.len() * 6, "{russian} Russian");

    // Nothing of it stays.
    let left: i64 = sqlx::query_scalar(
        "select (select count(*) from memory) + (select count(*) from mask)
              + (select count(*) from document where source like 'of-the-case-%')",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_is_made_worse_is_named() {
    let fixture = fixture().await;
    let mut files = files();
    let (_, bytes) = files.iter_mut().find(|(name, _)| name == "eval/model/service.yml").unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let honest = "Yes: design, migration, upgrades and autoscaling";
    assert!(text.contains(honest));
    *bytes = text.replace(honest, "Yes, from $300 a month: design, migration").into_bytes();
    let evaluation = evaluation(&fixture, LlmConfig::default(), files);
    let ran = all(&evaluation, "service").await;
    let worse: Vec<Regression> =
        regressions(&evaluation, &ran).into_iter().filter(|one| !one.why.contains("it is gone")).collect();
    assert_eq!(worse[0].name, "kubernetes, asked plainly › honest", "{worse:#?}");
    let named: Vec<&str> =
        worse.iter().map(|one| one.name.as_str()).filter(|name| name.contains('›')).collect();
    assert_eq!(named.len(), 1, "{worse:#?}");
    let one = ran.iter().find(|one| one.name == worse[0].name).unwrap();
    assert_eq!(one.faults, ["it is to end answered, and it ended withheld (claim_price)"]);
}

/// A model of the settings is asked what the provider on the loopback has approved of.
#[tokio::test(flavor = "multi_thread")]
async fn a_model_of_the_settings_is_asked_and_measured() {
    let fixture = fixture().await;
    let body = json!({
        "model": "m-1", "choices": [{ "message": { "content": "Yes, we do [1]." }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 1000, "completion_tokens": 10 },
    });
    let model = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&model)
        .await;
    let settings = format!(
        "[providers.own]\nbase_url = \"{}/v1\"\napi_keys = \"k\"\n[[providers.own.models]]\nname = \"m\"\n\
         prices = {{ input = 1000000, output = 2000000 }}\n[[providers.own.models]]\nname = \"other\"\n",
        model.uri()
    );
    let evaluation = evaluation(&fixture, toml::from_str(&settings).unwrap(), files());
    assert!(evaluation.has_model("own/m") && !evaluation.has_model("own/none"));
    assert!(!evaluation.has_model("m") && !evaluation.has_model("default/m"));
    evaluation.prepare().await.unwrap();
    let tries = evaluation.cases(&Only(Some("kubernetes, asked plainly".to_owned())));
    let ran = Box::pin(evaluation.with_model("own/m", &tries[0])).await.unwrap();
    assert_eq!((ran.outcome, ran.name.as_str()), ("answered", "kubernetes, asked plainly"));
    assert!(ran.took_ms.is_some() && ran.cost_micros == 1_020, "{ran:?}");
    // What it says is held to the same words as what a script says.
    assert!(ran.faults.iter().any(|fault| fault.contains("does not say")), "{:?}", ran.faults);
}
