//! Answers before the person's eyes while a model writes them. The test writes the answer itself, so it knows what may
//! have been seen by when.

use e2e::{BOT, CallOfBot, Choices, Installation, Person, Placement, Script, Told, Updates, Upstream};
use serde_json::{Value, json};
use sqlx::Connection;

/// Nothing but a model can answer it.
pub(crate) const QUESTION: &str = "Which penguins live in your office in winter?";

pub(crate) struct World {
    pub(crate) installation: Installation,
    pub(crate) model: Upstream,
    pub(crate) anna: Person,
}

impl World {
    pub(crate) async fn new(placement: Placement, updates: Updates) -> Self {
        let model = Upstream::start().await;
        model.does(Script::AsTold);
        let choices = Choices::new(updates).paced().without_limits().upstream(&model);
        let installation = Installation::start(placement, choices).await;
        let anna = installation.person("Anna", "en").await;
        anna.writes("/start").await;
        anna.hears("Hi, Anna. I am DevBot").await;
        Self { installation, model, anna }
    }

    /// Asks, and waits until a model is asked.
    async fn asks(&self) -> Told {
        self.anna.writes(QUESTION).await;
        self.model.next_call().await
    }

    async fn calls(&self, method: &str, chat: i64) -> Vec<CallOfBot> {
        self.anna.calls_of_bot(method, chat).await
    }

    /// Waits until a draft of this text was shown; all drafts so far.
    pub(crate) async fn sees_draft(&self, text: &str) -> Vec<CallOfBot> {
        testkit::until(&format!("a draft says {text:?}"), async || {
            let drafts = self.calls("sendMessageDraft", self.anna.id).await;
            let is_it = |draft: &CallOfBot| draft.what["text"] == text && draft.status == 200;
            drafts.last().is_some_and(is_it).then_some(drafts)
        })
        .await
    }

    /// Outcome and cost of the calls for questions, once so many have ended and nothing is held.
    pub(crate) async fn ledger(&self, count: usize) -> Vec<(String, i64)> {
        let mut connection = sqlx::PgConnection::connect(self.installation.database_url()).await.unwrap();
        testkit::until(&format!("{count} questions are settled"), async || {
            let rows: Vec<(String, i64)> =
                sqlx::query_as("select outcome, cost_micros from llm.ledger order by ended_at")
                    .fetch_all(&mut connection)
                    .await
                    .unwrap();
            let held: i64 = sqlx::query_scalar("select count(*) from llm.reservation")
                .fetch_one(&mut connection)
                .await
                .unwrap();
            (rows.len() >= count && held == 0).then_some(rows)
        })
        .await
    }

    /// Ends it, once nothing of what was shown waits for its answer.
    pub(crate) async fn stop(self) {
        let mut connection = sqlx::PgConnection::connect(self.installation.database_url()).await.unwrap();
        testkit::until("nothing is remembered of what was shown", async || {
            let left: i64 = sqlx::query_scalar("select count(*) from bot.draft where not ended")
                .fetch_one(&mut connection)
                .await
                .unwrap();
            (left == 0).then_some(())
        })
        .await;
        // A doubtful answer calls a human, for whom a model writes a brief: it is not left waiting for our words.
        let answers = async {
            loop {
                let call = self.model.next_call().await;
                call.writes("They asked about penguins. ");
                call.ends();
            }
        };
        tokio::select! {
            () = self.installation.stop() => {}
            () = answers => {}
        }
    }
}

fn texts(calls: &[CallOfBot]) -> Vec<&str> {
    calls.iter().map(|call| call.what["text"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_private_an_answer_grows_and_then_stands_once() {
    let world = World::new(Placement::Split, Updates::Webhook).await;
    let call = world.asks().await;
    call.writes("We have **no** penguins in the office. They would ");
    world.sees_draft("We have no penguins in the office.").await;
    call.writes("not like it here in winter. Whoever has ");
    let first = "We have no penguins in the office. They would not like it here in winter.";
    world.sees_draft(first).await;
    call.writes("one may bring it along to us all the same. ");
    call.ends();
    let whole = format!("{first} Whoever has one may bring it along to us all the same.");
    assert_eq!(world.anna.hears(&whole).await.text, whole);
    let drafts = world.calls("sendMessageDraft", world.anna.id).await;
    let ids: Vec<&Value> = drafts.iter().map(|draft| &draft.what["draft_id"]).collect();
    assert!(
        ids.iter().all(|id| *id == ids[0] && **id != 0) && drafts[0].what["can_stop"] == true,
        "{drafts:#?}"
    );
    let shown = texts(&drafts);
    assert!(shown.windows(2).all(|two| two[1].starts_with(two[0])), "{shown:#?}");
    let sent = world.calls("sendMessage", world.anna.id).await;
    let (last_draft, answer) = (drafts.last().unwrap().nth, sent.last().unwrap());
    assert!(last_draft < answer.nth && answer.what["text"] == whole, "no draft comes after the answer");
    assert_eq!(world.anna.heard_so_far().await.len(), 2, "the greeting and the answer");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_stops_keeps_what_was_shown_and_the_call_is_settled() {
    let world = World::new(Placement::OneProcess, Updates::LongPolling).await;
    let call = world.asks().await;
    call.writes("We have no penguins in the office. They would ");
    let drafts = world.sees_draft("We have no penguins in the office.").await;
    let stop = json!({ "person": world.anna.id, "draft_id": drafts[0].what["draft_id"].to_string() });
    world.anna.telegram("stops", &stop).await;
    let kept = world.anna.hears("We have no penguins in the office.").await;
    assert_eq!(kept.text, "We have no penguins in the office.");
    world.model.sees(|seen| seen.cancelled == 1).await;
    let ledger = world.ledger(1).await;
    assert!(ledger.len() == 1 && ledger[0].0 == "superseded" && ledger[0].1 > 0, "{ledger:?}");
    call.writes("be cold there all the time. And so on.");

    // By a word, before anything was shown.
    let call = world.asks().await;
    world.anna.writes("Stop!").await;
    world.anna.hears("All right, I stopped.").await;
    world.model.sees(|seen| seen.cancelled == 2).await;
    drop(call);
    let ledger = world.ledger(2).await;
    assert!(ledger.iter().all(|(outcome, _)| outcome == "superseded"), "{ledger:?}");
    assert_eq!(world.anna.heard_so_far().await.len(), 3);
    let kpi =
        world.installation.api().kpi_when("all is counted", |kpi| kpi.count("/conversations") == 1).await;
    assert_eq!(kpi.count("/handoffs"), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_question_ends_the_drafts_of_the_one_before() {
    let world = World::new(Placement::OneProcess, Updates::Webhook).await;
    let call = world.asks().await;
    call.writes("We have no penguins in the office. They would ");
    let before = world.sees_draft("We have no penguins in the office.").await;
    world.anna.writes("And which of them live there in summer?").await;
    world.model.sees(|seen| seen.cancelled == 1).await;
    call.writes("be cold in there. And so on it goes. Yes.");
    let call = world.model.next_call().await;
    call.writes("They all live in the sea, in every season. More of ");
    let after = world.sees_draft("They all live in the sea, in every season.").await;
    assert_ne!(before[0].what["draft_id"], after.last().unwrap().what["draft_id"]);
    call.writes("them are in the zoo. ");
    call.ends();
    world.anna.hears("They all live in the sea, in every season. More of them are in the zoo.").await;
    let drafts = world.calls("sendMessageDraft", world.anna.id).await;
    let old = drafts.iter().filter(|draft| draft.what["draft_id"] == before[0].what["draft_id"]);
    assert!(
        old.clone().all(|draft| draft.what["text"] == "We have no penguins in the office."),
        "{drafts:#?}"
    );
    assert_eq!(world.anna.heard_so_far().await.len(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_that_telegram_has_no_time_for_is_dropped_and_the_answer_comes_once() {
    let world = World::new(Placement::OneProcess, Updates::Webhook).await;
    let busy = json!({ "method": "sendMessageDraft",
        "fail": { "status": 429, "description": "Too Many Requests: retry after 30", "retry_after": 30 } });
    world.anna.telegram("faults", &busy).await;
    let call = world.asks().await;
    call.writes("We have no penguins in the office. They would ");
    testkit::until("a draft is refused", async || {
        let drafts = world.calls("sendMessageDraft", world.anna.id).await;
        drafts.last().is_some_and(|draft| draft.status == 429).then_some(())
    })
    .await;
    call.writes("not like it here in winter. Whoever has one may bring it. ");
    call.ends();
    world.anna.hears("Whoever has one may bring it.").await;
    assert_eq!(world.calls("sendMessageDraft", world.anna.id).await.len(), 1, "it is silent from then on");
    assert_eq!(world.anna.heard_so_far().await.len(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_in_the_middle_is_followed_by_one_that_answers() {
    let mut world = World::new(Placement::Split, Updates::Webhook).await;
    let call = world.asks().await;
    call.writes("We have no penguins in the office. They would ");
    world.sees_draft("We have no penguins in the office.").await;
    world.installation.kill("llm-worker").await;
    drop(call);
    let call = world.model.next_call().await;
    call.writes("There is one penguin, and it is made of wool. It ");
    world.sees_draft("There is one penguin, and it is made of wool.").await;
    call.writes("sits on a shelf. ");
    call.ends();
    world.anna.hears("There is one penguin, and it is made of wool. It sits on a shelf.").await;
    assert_eq!(world.anna.heard_so_far().await.len(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promise_of_a_price_is_never_shown() {
    let world = World::new(Placement::OneProcess, Updates::Webhook).await;
    let call = world.asks().await;
    call.writes("We can help you with that in no time at all. ");
    call.writes("It costs only $99 for you, my friend. ");
    call.writes("Nobody else has to know about this at all. And then ");
    world.sees_draft("We can help you with that in no time at all.").await;
    call.ends();
    // It is written again once.
    let call = world.model.next_call().await;
    call.writes("Well, for you it is free of charge, my friend. Nobody ");
    call.writes("else has to know about this at all. And then ");
    call.ends();
    world.anna.hears("I have nothing reliable on that").await;
    for draft in world.calls("sendMessageDraft", world.anna.id).await {
        assert_eq!(draft.what["text"], "We can help you with that in no time at all.");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_group_one_message_grows_into_the_answer() {
    let world = World::new(Placement::OneProcess, Updates::Webhook).await;
    let group = json!({ "title": "Team", "kind": "group", "people": [world.anna.id],
        "bots": [{ "bot": BOT, "admin": true }] });
    let chat = world.anna.telegram("chats", &group).await["view"]["id"].as_i64().unwrap();
    let me = world.installation.bot_api("getMe", json!({})).await;
    let says = format!("@{} {QUESTION}", me["username"].as_str().unwrap());
    let message = json!({ "person": world.anna.id, "chat": chat, "text": says });
    world.anna.telegram("messages", &message).await;
    let call = world.model.next_call().await;
    call.writes("We have no penguins in the office. They would ");
    testkit::until("a message begins", async || {
        let sent = world.calls("sendMessage", chat).await;
        sent.iter().any(|sent| sent.what["text"] == "We have no penguins in the office.").then_some(())
    })
    .await;
    let first = "We have no penguins in the office. They would not like it here in winter.";
    call.writes("not like it here in winter. Whoever has ");
    let edits = testkit::until("it grows", async || {
        let edits = world.calls("editMessageText", chat).await;
        edits.iter().any(|edit| edit.what["text"] == first).then_some(edits)
    })
    .await;
    call.writes("one may bring it along. ");
    call.ends();
    let whole = format!("{first} Whoever has one may bring it along.");
    let edits_of_answer = testkit::until("it is the answer", async || {
        let edits = world.calls("editMessageText", chat).await;
        edits.last().is_some_and(|edit| edit.what["text"] == whole).then_some(edits)
    })
    .await;
    assert_eq!(edits_of_answer.len(), edits.len() + 1);
    assert!(
        edits_of_answer
            .iter()
            .all(|edit| edit.what["message_id"] == edits[0].what["message_id"] && edit.status == 200)
    );
    assert_eq!(world.calls("sendMessage", chat).await.len(), 1, "one message");
    assert!(world.calls("sendMessageDraft", chat).await.is_empty());

    // A newer question takes away what was shown of the one before.
    world.anna.telegram("messages", &message).await;
    let call = world.model.next_call().await;
    call.writes("We have no penguins in the office. They would ");
    testkit::until("a second message begins", async || {
        (world.calls("sendMessage", chat).await.len() == 2).then_some(())
    })
    .await;
    world.anna.telegram("messages", &message).await;
    world.model.sees(|seen| seen.cancelled == 1).await;
    testkit::until("it is taken away", async || {
        (world.calls("deleteMessage", chat).await.len() == 1).then_some(())
    })
    .await;
    drop(call);
    let call = world.model.next_call().await;
    call.writes("All of them. ");
    call.ends();
    testkit::until("the answer is a message of its own", async || {
        let sent = world.calls("sendMessage", chat).await;
        sent.last().is_some_and(|sent| sent.what["text"] == "All of them.").then_some(())
    })
    .await;
    world.stop().await;
}
