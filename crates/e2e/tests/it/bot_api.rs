//! Everything a person, a CRM and the numbers see, through the Bot API: the same in one process, by webhook,
//! and in a process for each role, by long polling.

use e2e::{Choices, Crm, Installation, Kpi, Model, Placement, Updates};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_one_process_by_webhook() {
    everything(Placement::OneProcess, Updates::Webhook).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_process_for_each_role_by_long_polling() {
    everything(Placement::Split, Updates::LongPolling).await;
}

async fn everything(placement: Placement, updates: Updates) {
    let crm = Crm::start().await;
    let mut installation = Installation::start(placement, Choices::new(updates).crm(&crm, "/leads")).await;
    the_api_is_closed_to_strangers(&installation).await;
    installation.menu_shows("ru", "project", "Описать проект").await;
    a_hot_lead_in_english(&installation, &crm).await;
    a_cold_lead_in_russian(&installation, &crm).await;
    questions_without_a_model(&installation).await;
    the_numbers_show_it(&installation).await;
    a_model_answers_and_its_failure_is_no_silence(&mut installation).await;
    installation.stop().await;
}

async fn the_api_is_closed_to_strangers(installation: &Installation) {
    let api = installation.api();
    assert_eq!(api.status("/v1/kpi", None).await, 401);
    assert_eq!(api.status("/v1/kpi", Some("guessed")).await, 401);
    assert_eq!(api.status("/v1/kpi", Some(installation.admin_token())).await, 200);
    assert_eq!(api.status("/v1/kpi?from=tomorrow", Some(installation.admin_token())).await, 400);
    let openapi: Value = serde_json::from_str(&api.text("/openapi.json").await).unwrap();
    assert!(openapi["paths"]["/v1/kpi"]["get"].is_object(), "{openapi}");
}

async fn a_hot_lead_in_english(installation: &Installation, crm: &Crm) {
    let anna = installation.person("Anna", "en").await;
    anna.writes("/start ad-42").await;
    let greeting = anna.hears("Hi, Anna. I am DevBot").await;
    for label in ["🚀 Start a project", "❓ Ask a question", "🧰 Services", "👤 Talk to a human"] {
        assert!(greeting.has_button(label), "{greeting:?}");
    }
    anna.writes("How do you set up CI/CD?").await;
    anna.hears("We start from how you release today").await;

    anna.presses("🚀 Start a project").await;
    anna.hears("1/5. What are we talking about?").await;
    anna.presses("Cloud or Kubernetes").await;
    anna.hears("2/5.").await;
    let described = "We run twelve services on two old servers. Releases take a night and somebody always has to \
                     stay awake. We want Kubernetes and a pipeline that rolls back by itself.";
    anna.writes(described).await;
    anna.hears("3/5. When do you need it?").await;
    anna.writes("asap please").await;
    anna.hears("4/5. What budget do you have in mind?").await;
    anna.writes("$20-30k").await;
    anna.hears("5/5.").await;
    anna.shares_contact("+442079460958").await;
    anna.hears("Here is what I would pass on:").await;
    anna.presses("✅ Send").await;
    let thanks = anna.hears("Thank you, Anna. I have passed it on:").await;
    assert!(thanks.text.contains("• Budget: $20-30k") && thanks.text.contains("+442079460958"), "{thanks:?}");

    let lead = crm.lead_of(anna.id).await;
    assert_eq!((lead.path.as_str(), &lead.body["type"]), ("/leads", &json!("lead.created")));
    let data = &lead.body["data"];
    assert_eq!((&data["temperature"], &data["score"]), (&json!("hot"), &json!(105)));
    assert_eq!((&data["bot"], &data["language"]), (&json!("dev2production"), &json!("en")));
    assert_eq!(data["start_payload"], "ad-42");
    assert_eq!(points(data), 105, "the evidence explains the score: {data}");
    let contact = json!({
        "name": "Anna", "telegram_username": "anna_t", "phone": "+442079460958", "telegram_user_id": anna.id,
    });
    assert_eq!(data["contact"], contact);
    assert_eq!(answer(data, "type"), ("cloud", "Cloud or Kubernetes"));
    assert_eq!(answer(data, "description"), (described, described));
    assert_eq!(answer(data, "timeline").0, "urgent");
    assert_eq!(answer(data, "budget"), ("20000..30000 USD", "$20-30k"));
}

async fn a_cold_lead_in_russian(installation: &Installation, crm: &Crm) {
    let petr = installation.person("Пётр", "ru").await;
    petr.writes("/start").await;
    petr.hears("Здравствуйте, Пётр. Я DevBot").await;
    petr.presses("🚀 Начать проект").await;
    petr.hears("1/5. О чём речь?").await;
    petr.presses("Консультация, аудит").await;
    petr.hears("2/5.").await;
    petr.presses("Пропустить →").await;
    petr.hears("3/5.").await;
    petr.writes("не горит").await;
    petr.hears("4/5.").await;
    petr.presses("Пока не решили").await;
    petr.hears("5/5.").await;
    petr.writes("это не контакт").await;
    petr.hears("Не похоже на почту или телефон").await;
    petr.writes("petr@example.com").await;
    petr.hears("Всё верно?").await;
    petr.writes("да").await;
    petr.hears("Спасибо, Пётр. Передал команде:").await;

    let data = &crm.lead_of(petr.id).await.body["data"];
    assert_eq!(
        (&data["temperature"], &data["score"], &data["language"]),
        (&json!("cold"), &json!(20), &json!("ru"))
    );
    assert_eq!(data["contact"]["email"], "petr@example.com");
    assert_eq!(answer(data, "timeline").0, "later");
}

/// The bot's own words answer, with their source; what they do not know ends in words too, or in a human.
async fn questions_without_a_model(installation: &Installation) {
    let boris = installation.person("Boris", "en").await;
    boris.writes("What happens to the hours that were not used?").await;
    let answer = boris.hears("carry over for one month").await;
    assert!(answer.text.contains("Source:") && answer.text.contains("Support and SLA"), "{answer:?}");
    boris.writes("How much is a haircut for my poodle?").await;
    let canned = boris.hears("I have nothing reliable on that").await;
    assert!(canned.has_button("👤 Talk to a human"), "{canned:?}");
    boris.presses("👤 Talk to a human").await;
    // Whether somebody is there at this hour or not.
    boris.hears("What is it about?").await;
}

async fn the_numbers_show_it(installation: &Installation) {
    let api = installation.api();
    // Each service's events come by a way of their own.
    let expected = [
        ("/updates", 21),
        ("/latency/answers", 21),
        ("/conversations", 3),
        ("/leads/total", 2),
        ("/leads/hot", 1),
        ("/leads/warm", 0),
        ("/leads/cold", 1),
        ("/handoffs", 1),
        ("/model/requests", 2),
        ("/model/answered", 1),
        ("/model/unknown", 1),
        ("/model/failed", 0),
        ("/deliveries/delivered", 2),
        ("/deliveries/failed", 0),
    ];
    let all = |kpi: &Kpi| expected.iter().all(|(path, count)| kpi.count(path) == *count);
    let kpi = api.kpi_when("every update, lead and delivery", all).await;
    assert!((kpi.number("/conversion") - 2.0 / 3.0).abs() < 1e-6, "{kpi:?}");
    assert!((kpi.number("/handoff_rate") - 1.0 / 3.0).abs() < 1e-6, "{kpi:?}");
    assert!(kpi.number("/latency/p50_ms") > 0.0, "{kpi:?}");
    assert!(kpi.number("/latency/p95_ms") >= kpi.number("/latency/p50_ms"), "{kpi:?}");
}

async fn a_model_answers_and_its_failure_is_no_silence(installation: &mut Installation) {
    let model = Model::start("Parrots are welcome in our office [1].").await;
    let before = installation.api().kpi().await;
    installation.restart(installation.choices().model(&model)).await;
    let clara = installation.person("Clara", "en").await;
    clara.writes("May I bring a parrot to your office?").await;
    clara.hears("Parrots are welcome in our office").await;
    let more = |path: &str, kpi: &Kpi| kpi.count(path) - before.count(path);
    let answered = |kpi: &Kpi| more("/model/answered", kpi) == 1;
    let kpi = installation.api().kpi_when("the answer of the model", answered).await;
    assert_eq!(more("/model/prompt_tokens", &kpi), Model::PROMPT_TOKENS);
    assert_eq!(more("/model/completion_tokens", &kpi), Model::COMPLETION_TOKENS);
    assert!(
        (kpi.number("/model/cost_usd") - before.number("/model/cost_usd") - 0.003).abs() < 1e-9,
        "{kpi:?}"
    );
    let calls = model.calls().await;
    assert_eq!(calls.len(), 1, "{calls:?}");
    three_quick_messages_get_one_answer(installation, &model).await;

    model.breaks();
    clara.writes("May I bring a crocodile to your office?").await;
    let canned = clara.hears("I could not get to an answer this time").await;
    assert!(canned.has_button("👤 Talk to a human"), "{canned:?}");
    let failed = |kpi: &Kpi| more("/model/failed", kpi) == 1;
    installation.api().kpi_when("the failure of the model", failed).await;
    clara.writes("What happens to the hours that were not used?").await;
    clara.hears("carry over for one month").await;
}

/// And an edit of one of them changes that answer.
async fn three_quick_messages_get_one_answer(installation: &Installation, model: &Model) {
    let dora = installation.person("Dora", "en").await;
    let before = model.calls().await.len();
    dora.writes("May I bring").await;
    dora.writes("two parots").await;
    let last = dora.writes("to your office tomorrow?").await;
    let answer = dora.hears("Parrots are welcome in our office").await;
    let calls = model.calls().await;
    assert_eq!(calls.len(), before + 1, "{calls:?}");
    let asked = |call: &Value| call["messages"].as_array().unwrap().last().unwrap()["content"].clone();
    assert_eq!(asked(&calls[before]), "May I bring\ntwo parots\nto your office tomorrow?");

    model.says("Parrots are welcome in our office on any day [1].");
    dora.edits(last, "to your office on Sunday?").await;
    let changed = async || {
        let heard = dora.heard_so_far().await;
        heard.last()?.text.contains("on any day").then_some(heard)
    };
    let heard = testkit::until("the answer is changed", changed).await;
    assert_eq!((heard.len(), heard[0].id), (1, answer.id), "it is the same message: {heard:?}");
    let calls = model.calls().await;
    assert_eq!(asked(&calls[before + 1]), "May I bring\ntwo parots\nto your office on Sunday?");
}

/// The points of all evidence together.
fn points(data: &Value) -> i64 {
    data["evidence"].as_array().unwrap().iter().map(|evidence| evidence["points"].as_i64().unwrap()).sum()
}

/// What was understood and what was given for a field.
fn answer<'a>(data: &'a Value, field: &str) -> (&'a str, &'a str) {
    let answers = data["answers"].as_array().unwrap();
    let answer = answers.iter().find(|answer| answer["field"] == field);
    let answer = answer.unwrap_or_else(|| panic!("there is no answer to {field} in {data}"));
    (answer["value"].as_str().unwrap(), answer["text"].as_str().unwrap())
}
