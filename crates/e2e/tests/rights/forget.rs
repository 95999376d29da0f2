use bot::erasures;
use e2e::Person;
use events::message::bot::ErasureRequested;
use events::{Envelope, Key, Trail};
use ids::Ids;
use serde_json::Value;
use sha2::{Digest, Sha256};
use testkit::until;

use crate::traces::{in_streams, in_tables};
use crate::world::{BOT, ROLES, SCHEMAS, World, becomes_known, wants_to_be_forgotten};

/// What leads to a person.
fn traces(person: &Person, words: &[&str]) -> Vec<String> {
    let mut traces: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    traces.push(person.id.to_string());
    traces
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_wants_to_be_forgotten_is_forgotten_by_every_service() {
    let world = World::new().await;
    let app = world.start(&ROLES).await;
    let (anna, boris) = (world.person("Annabella").await, world.person("Borislav").await);
    becomes_known(&anna, "annabella@example.com").await;
    becomes_known(&boris, "borislav@example.com").await;
    let lead = world.crm.lead_of(anna.id).await.body["data"]["lead_id"].as_str().unwrap().to_owned();
    world.crm.lead_of(boris.id).await;
    // Everywhere something of hers could not be handled.
    for (role, _) in SCHEMAS {
        sqlx::query(
            "insert into dead_letter (kind, source, event_id, subject, key, headers, payload, error, attempts)
             values ('event', 'c', gen_random_uuid()::text, 's', $1, '{}', 'Annabella', 'no', 8)",
        )
        .bind(Key::chat(BOT, anna.id).as_str())
        .execute(world.stage.pool(role))
        .await
        .unwrap();
    }
    let words = traces(&anna, &["annabella", "moon over Saratov"]);
    assert!(in_tables(&world.stage, &words).await.len() > 4, "there is something to be erased");
    assert!(in_streams(&world.stage, &words).await.len() > 4, "there are events of it");
    // What became of a lead is told by its id alone.
    until("what became of the lead is told", async || {
        let told = in_streams(&world.stage, std::slice::from_ref(&lead)).await;
        told.iter().any(|subject| subject.starts_with("ev.crm.")).then_some(())
    })
    .await;

    wants_to_be_forgotten(&anna).await;
    world.days_pass(29);
    anna.writes("hello").await;
    anna.hears("DevBot").await;
    assert_eq!(
        world.count("select count(*) from erasure where state = 'waiting'").await,
        1,
        "a word cancels nothing"
    );
    world.days_pass(1);
    let (_, caption, certificate) = world.document(&anna, "certificate").await;
    assert!(caption.contains("is erased"), "{caption}");

    // Boris has said the same sentence.
    let words = traces(&anna, &["annabella"]);
    let left = until("the last trace is gone", async || {
        let left = in_tables(&world.stage, &words).await;
        // The job that has sent the certificate ends a moment after it.
        left.iter().all(|one| !one.starts_with("bot.job")).then_some(left)
    })
    .await;
    assert_eq!(left, Vec::<String>::new());
    let words: Vec<String> = words.into_iter().chain([lead]).collect();
    assert_eq!(in_streams(&world.stage, &words).await, Vec::<String>::new());
    assert!(
        !in_tables(&world.stage, &traces(&boris, &["borislav"])).await.is_empty(),
        "Boris is still known"
    );
    assert!(!in_streams(&world.stage, &traces(&boris, &[])).await.is_empty());

    let said: Value = serde_json::from_slice(&certificate).unwrap();
    let services: Vec<&str> =
        said["services"].as_array().unwrap().iter().map(|one| one["service"].as_str().unwrap()).collect();
    assert_eq!(services, ["analytics", "bot", "crm", "gateway", "llm"]);
    let text = said.to_string();
    for kind in [
        "messages",
        "leads",
        "conversations",
        "deliveries",
        "attempts",
        "link_payloads",
        "delivered_to:first",
        "questions",
        "dead_letters",
    ] {
        assert!(text.contains(kind), "{kind} is not in {said:#}");
    }
    let removed = |stream: &Value| stream["erased"].as_u64().unwrap();
    assert!(said["event_streams"].as_array().unwrap().iter().map(removed).sum::<u64>() > 4, "{said:#}");
    assert!(!text.contains(&anna.id.to_string()) && !text.to_lowercase().contains("annabella"));

    let mut connection = world.stage.pool("bot").acquire().await.unwrap();
    let seen = erasures::list(&mut connection, 10).await.unwrap();
    let seen = erasures::show(&mut connection, seen[0].id).await.unwrap().unwrap();
    drop(connection);
    assert_eq!((seen.state.as_str(), seen.answered.len()), ("done", 5));
    assert_eq!(seen.certificate_sha256.unwrap(), hex::encode(Sha256::digest(&certificate)));

    // A fresh start, which knows nothing of before.
    anna.writes("/start").await;
    anna.hears("").await;
    anna.hears("Hi, Annabella").await;
    assert_eq!(world.count("select count(*) from conversation").await, 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_changes_their_mind_keeps_everything() {
    let world = World::new().await;
    let app = world.start(&ROLES).await;
    let anna = world.person("Annabella").await;
    becomes_known(&anna, "annabella@example.com").await;
    let held = "select (select count(*) from message where from_person) + (select count(*) from lead)";

    // An old question can not be answered.
    anna.writes("/forget").await;
    anna.hears("for 30 days").await;
    world.hands.advance(ids::SignedDuration::from_mins(16));
    anna.presses("🗑 Erase everything").await;
    anna.hears("out of date").await;
    assert_eq!(world.count("select count(*) from erasure").await, 0);

    wants_to_be_forgotten(&anna).await;
    world.days_pass(20);
    anna.writes("/forget").await;
    anna.hears("Have you changed your mind?").await;
    anna.presses("↩️ Call it off").await;
    anna.hears("called off").await;
    let before = world.count(held).await;
    world.days_pass(20);

    // By an operator, too.
    wants_to_be_forgotten(&anna).await;
    let pool = world.stage.pool("bot");
    let mut connection = pool.acquire().await.unwrap();
    let waiting = erasures::list(&mut connection, 10).await.unwrap();
    drop(connection);
    let waiting = waiting.iter().find(|one| one.state == "waiting").unwrap();
    assert!(erasures::cancel(pool, &world.hands.clock(), &Ids::system(), waiting.id).await.unwrap());
    assert!(!erasures::cancel(pool, &world.hands.clock(), &Ids::system(), waiting.id).await.unwrap());
    anna.hears("called off").await;
    world.days_pass(40);
    anna.writes("/forget").await;
    anna.hears("for 30 days nothing changes").await;

    assert_eq!(world.count("select count(*) from erasure where state = 'cancelled'").await, 2);
    assert_eq!(world.count("select count(*) from erasure where state <> 'cancelled'").await, 0);
    assert!(world.count(held).await > before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_was_down_answers_later_and_what_is_asked_twice_is_done_once() {
    let world = World::new().await;
    let rest = [ROLES[0], ROLES[1], ROLES[2], ROLES[4]];
    let (app, crm) = (world.start(&rest).await, world.start(&[ROLES[3]]).await);
    let anna = world.person("Annabella").await;
    becomes_known(&anna, "annabella@example.com").await;
    world.crm.lead_of(anna.id).await;
    crm.stop().await;
    // A lead that is still on its way to the CRM.
    anna.leaves_a_lead("annabella.second@example.com").await;
    wants_to_be_forgotten(&anna).await;
    world.days_pass(30);
    let answered = "select count(*) from erasure_answer";
    until("the others have answered", async || (world.count(answered).await == 4).then_some(())).await;
    assert_eq!(world.count("select count(*) from erasure where state = 'running'").await, 1);
    // Nobody answers for ten minutes: it is asked again.
    world.hands.advance(ids::SignedDuration::from_mins(11));
    until("it is asked again", async || {
        (world.count("select asked::bigint from erasure").await == 2).then_some(())
    })
    .await;
    let overdue = ids::SignedDuration::from_mins(25);
    world.hands.advance(overdue);

    // And once more, by somebody who repeats it.
    let (id, conversation): (ids::Uuid, ids::Uuid) =
        sqlx::query_as("select id, conversation_id from erasure")
            .fetch_one(world.stage.pool("bot"))
            .await
            .unwrap();
    let again = ErasureRequested {
        erasure_id: id.to_string(),
        bot: BOT.to_owned(),
        chat_id: anna.id,
        conversation_id: conversation.to_string(),
        ..ErasureRequested::default()
    };
    let ids = Ids::system();
    for _ in 0..2 {
        let (event, key) = (ids.event(), Key::chat(BOT, anna.id));
        let trail = Trail::start(ids.trace(), event.clone());
        world.stage.bus().publish(Envelope::new(event, key, trail, 1, &again)).await.unwrap();
    }

    let crm = world.start(&[ROLES[3]]).await;
    world.document(&anna, "certificate").await;
    let done = "select count(*) from erasure where state = 'done'";
    assert_eq!(world.count(done).await, 1);
    assert_eq!(world.count(answered).await, 5);
    let report: Value = sqlx::query_scalar("select report from erasure_answer where service = 'crm'")
        .fetch_one(world.stage.pool("bot"))
        .await
        .unwrap();
    assert_eq!(report["erased"][0]["kind"], "deliveries", "the first answer counts: {report}");
    app.stop().await;
    crm.stop().await;
    let words = traces(&anna, &["annabella"]);
    let tables = in_tables(&world.stage, &words).await;
    assert_eq!(tables, Vec::<String>::new());
}
