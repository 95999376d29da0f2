//! What happens to a lead after it was captured: on the same deal, in its order, once.

use std::time::Duration;

use crm::Crm;
use events::message::bot::{
    ConversationClosed, ErasureRequested, HandoffReturned, HandoffTaken, LeadCaptured, LeadFile, LeadFiles,
    LeadRescored,
};
use ids::Ids;
use testkit::crms::Trouble;
use testkit::{Stage, until};

use super::fakes::{Fake, KINDS, Kind};
use super::{calls, delivered, deliveries, handoff_of, hurry, lead_of_its_own, tell_llm};
use crate::support::{dead_letters, publish, stage, tell};

/// Nothing waits for more.
pub(super) const AT_ONCE: &str = "gather_seconds = 0\n";

pub(crate) fn closed(lead: &LeadCaptured) -> ConversationClosed {
    ConversationClosed {
        conversation_id: lead.conversation_id.clone(),
        bot: lead.bot.clone(),
        reason: "blocked".to_owned(),
        at_ms: 1_760_000_000_000,
        lead_id: lead.lead_id.clone(),
        language: lead.language.clone(),
        temperature: lead.temperature.clone(),
        said_by_person: 7,
        said_by_bot: 9,
        last_said_at_ms: 1_759_999_000_000,
    }
}

pub(crate) fn files(lead: &LeadCaptured, names: &[&str]) -> LeadFiles {
    let file = |name: &&str| LeadFile {
        file_id: Ids::system().uuid().to_string(),
        name: (*name).to_owned(),
        media_type: "application/pdf".to_owned(),
        size_bytes: 2_048,
    };
    LeadFiles {
        lead_id: lead.lead_id.clone(),
        conversation_id: lead.conversation_id.clone(),
        bot: lead.bot.clone(),
        language: lead.language.clone(),
        temperature: lead.temperature.clone(),
        files: names.iter().map(file).collect(),
        at_ms: 1_760_000_000_000,
    }
}

pub(crate) fn rescored(lead: &LeadCaptured, before: i32, score: i32) -> LeadRescored {
    let temperature = |score: i32| if score >= 75 { "hot" } else { "warm" }.to_owned();
    LeadRescored {
        lead_id: lead.lead_id.clone(),
        conversation_id: lead.conversation_id.clone(),
        bot: lead.bot.clone(),
        language: lead.language.clone(),
        temperature: temperature(score),
        temperature_before: temperature(before),
        score,
        score_before: before,
        why: vec![format!("{score} points"), "+40 budget".to_owned()],
        at_ms: 1_760_000_000_000,
        ..LeadRescored::default()
    }
}

/// Somebody takes the conversation over, and gives it back.
fn taken(lead: &LeadCaptured) -> (HandoffTaken, HandoffReturned) {
    let taken = HandoffTaken {
        lead_id: lead.lead_id.clone(),
        conversation_id: lead.conversation_id.clone(),
        bot: lead.bot.clone(),
        language: lead.language.clone(),
        agent: "Мария".to_owned(),
        at_ms: 1_760_000_000_000,
        ..HandoffTaken::default()
    };
    let HandoffTaken { lead_id, conversation_id, bot, language, temperature, agent, at_ms } = taken.clone();
    (taken, HandoffReturned { lead_id, conversation_id, bot, language, temperature, agent, at_ms })
}

/// Lets what waits for more run now.
async fn gathered(stage: &Stage) {
    sqlx::query("update job set run_at = now() where state < 3").execute(stage.pool("crm")).await.unwrap();
}

/// Waits until so many jobs stand in the lines of deals.
pub(super) async fn in_line(stage: &Stage, count: i64) {
    until(&format!("{count} stand in line"), async || {
        let jobs = "select count(*) from job where queue = 'crm.deal' and key <> queue";
        let jobs: i64 = sqlx::query_scalar(jobs).fetch_one(stage.pool("crm")).await.unwrap();
        (jobs == count).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_lead_later_is_told_on_its_deal_in_its_order_and_in_its_language() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let app = stage.start(&[&Crm], &fake.config(AT_ONCE)).await;
        let lead = LeadCaptured { language: "ru".to_owned(), ..lead_of_its_own() };
        publish(&stage, &lead).await;
        delivered(&stage, 1).await;
        tell(&stage, &lead.bot, &files(&lead, &["tz.pdf", "plan.pdf"])).await;
        delivered(&stage, 2).await;
        tell_llm(&stage, &handoff_of(&lead, "They want a CRM by May.")).await;
        delivered(&stage, 3).await;
        let (taken, returned) = taken(&lead);
        tell(&stage, &lead.bot, &taken).await;
        delivered(&stage, 4).await;
        tell(&stage, &lead.bot, &returned).await;
        delivered(&stage, 5).await;
        tell(&stage, &lead.bot, &closed(&lead)).await;
        delivered(&stage, 6).await;
        in_line(&stage, 0).await;
        app.stop().await;
        let deals = fake.deals();
        assert_eq!((deals.len(), deals[0].notes.len()), (1, 6), "{kind:?}: {deals:?}");
        let notes = &deals[0].notes;
        assert!(
            notes[1].contains("Клиент прислал файлы") && notes[1].contains("plan.pdf"),
            "{kind:?}: {notes:?}"
        );
        assert!(notes[2].contains("They want a CRM by May."), "{kind:?}: {notes:?}");
        assert!(
            notes[3].contains("ведёт Мария") && notes[4].contains("снова ведёт бот"),
            "{kind:?}: {notes:?}"
        );
        assert!(notes[5].contains("клиент заблокировал бота"), "{kind:?}: {notes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_one_note_that_says_all_of_it_and_a_brief_in_between_keeps_its_place() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let app = stage.start(&[&Crm], &fake.config("gather_seconds = 600\n")).await;
        let lead = lead_of_its_own();
        publish(&stage, &lead).await;
        delivered(&stage, 1).await;
        for score in 41..=50 {
            tell(&stage, &lead.bot, &rescored(&lead, score - 1, score)).await;
        }
        tell(&stage, &lead.bot, &files(&lead, &["tz.pdf"])).await;
        in_line(&stage, 11).await;
        tell_llm(&stage, &handoff_of(&lead, "They want a CRM by May.")).await;
        in_line(&stage, 12).await;
        tell(&stage, &lead.bot, &closed(&lead)).await;
        in_line(&stage, 13).await;
        // What was told is lost on its way back.
        fake.faults().writes([Some(Trouble::DoneAndCut)]);
        gathered(&stage).await;
        delivered(&stage, 14).await;
        in_line(&stage, 0).await;
        app.stop().await;
        let deals = fake.deals();
        assert_eq!((deals.len(), deals[0].notes.len()), (1, 4), "{kind:?}: {deals:?}");
        let notes = &deals[0].notes;
        let way: Vec<String> = (40..=50).map(|score| format!("warm {score}")).collect();
        assert!(notes[1].contains(&way.join(" → ")) && notes[1].contains("50 points"), "{kind:?}: {notes:?}");
        assert!(notes[1].contains("tz.pdf"), "{kind:?}: {notes:?}");
        assert!(notes[2].contains("They want a CRM by May."), "{kind:?}: {notes:?}");
        assert!(notes[3].contains("has blocked the bot"), "{kind:?}: {notes:?}");
        let told = calls(&stage).await.iter().filter(|(step, _)| step == "add the note").count();
        assert_eq!(told, 4, "{kind:?}: each note was put there once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_joins_a_note_that_was_cut_off_with_its_process_gets_a_note_of_its_own() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let app = stage.start(&[&Crm], &fake.config(AT_ONCE)).await;
        let lead = lead_of_its_own();
        publish(&stage, &lead).await;
        delivered(&stage, 1).await;
        fake.faults().writes([Some(Trouble::CutAndDone(Duration::from_millis(500)))]);
        tell(&stage, &lead.bot, &files(&lead, &["first.pdf"])).await;
        until("the note is cut off", async || {
            let calls = calls(&stage).await;
            calls.iter().any(|(_, outcome)| outcome.as_deref() == Some("unknown")).then_some(())
        })
        .await;
        app.kill();
        tell(&stage, &lead.bot, &files(&lead, &["second.pdf"])).await;
        let app = stage.start(&[&Crm], &fake.config(AT_ONCE)).await;
        in_line(&stage, 2).await;
        until("what was cut off is done", async || (fake.deals()[0].notes.len() == 2).then_some(())).await;
        delivered(&stage, 3).await;
        in_line(&stage, 0).await;
        app.stop().await;
        let notes = fake.deals().remove(0).notes;
        assert_eq!(notes.len(), 3, "{kind:?}: {notes:?}");
        assert!(notes[1].contains("first.pdf") && !notes[1].contains("second.pdf"), "{kind:?}: {notes:?}");
        assert!(notes[2].contains("second.pdf"), "{kind:?}: {notes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_here_before_its_lead_follows_it_in_its_order() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Hubspot).await);
    let app = stage.start(&[&Crm], &fake.config(AT_ONCE)).await;
    let lead = lead_of_its_own();
    for name in ["1.pdf", "2.pdf"] {
        tell(&stage, &lead.bot, &files(&lead, &[name])).await;
    }
    in_line(&stage, 2).await;
    publish(&stage, &lead).await;
    until("the lead is here", async || {
        sqlx::query_scalar::<_, i32>("select 1 from crm_link")
            .fetch_optional(stage.pool("crm"))
            .await
            .unwrap()
    })
    .await;
    // It finds the lead, and others that still wait for it.
    tell(&stage, &lead.bot, &closed(&lead)).await;
    delivered(&stage, 4).await;
    in_line(&stage, 0).await;
    app.stop().await;
    let notes = fake.deals().remove(0).notes.join("\n");
    let at = |what: &str| notes.find(what).unwrap();
    assert!(at("1.pdf") < at("2.pdf") && at("2.pdf") < at("has blocked the bot"), "{notes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_gets_the_news_that_it_asks_for() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let asks = format!("{AT_ONCE}events = [\"conversation.closed\"]\n");
    let app = stage.start(&[&Crm], &fake.config(&asks)).await;
    let lead = lead_of_its_own();
    publish(&stage, &lead).await;
    delivered(&stage, 1).await;
    tell(&stage, &lead.bot, &files(&lead, &["tz.pdf"])).await;
    tell_llm(&stage, &handoff_of(&lead, "A brief.")).await;
    tell(&stage, &lead.bot, &closed(&lead)).await;
    delivered(&stage, 2).await;
    until("all is read", async || {
        let read: i64 =
            sqlx::query_scalar("select count(*) from inbox").fetch_one(stage.pool("crm")).await.unwrap();
        (read == 4).then_some(())
    })
    .await;
    in_line(&stage, 0).await;
    app.stop().await;
    assert_eq!(deliveries(&stage, "delivered").await, 2);
    let notes = fake.deals().remove(0).notes;
    assert!(notes.len() == 2 && notes[1].contains("has blocked the bot"), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_together_is_one_dead_letter_and_driven_again_together() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("gather_seconds = 600\n")).await;
    let lead = lead_of_its_own();
    publish(&stage, &lead).await;
    delivered(&stage, 1).await;
    for name in ["1.pdf", "2.pdf"] {
        tell(&stage, &lead.bot, &files(&lead, &[name])).await;
    }
    in_line(&stage, 2).await;
    fake.faults().writes([Some(Trouble::Status(422))]);
    gathered(&stage).await;
    let letters = dead_letters(&stage, 1).await;
    in_line(&stage, 0).await;
    assert_eq!((letters.len(), deliveries(&stage, "failed").await), (1, 2));
    let desk = fake.desk(&stage, "");
    assert_eq!(desk.redrive("sales", ids::Timestamp::UNIX_EPOCH).await.unwrap(), 1);
    delivered(&stage, 3).await;
    in_line(&stage, 0).await;
    app.stop().await;
    let notes = fake.deals().remove(0).notes;
    assert!(notes.len() == 2 && notes[1].contains("1.pdf") && notes[1].contains("2.pdf"), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_happened_to_a_lead_outlives_its_person() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("gather_seconds = 600\n")).await;
    // One has its deal and waits for more, one waits for its lead.
    let (lead, late) = (lead_of_its_own(), lead_of_its_own());
    publish(&stage, &lead).await;
    delivered(&stage, 1).await;
    tell(&stage, &lead.bot, &files(&lead, &["tz.pdf"])).await;
    tell(&stage, &late.bot, &files(&late, &["tz.pdf"])).await;
    in_line(&stage, 2).await;
    for lead in [&lead, &late] {
        let erasure = ErasureRequested {
            erasure_id: Ids::system().uuid().to_string(),
            bot: lead.bot.clone(),
            chat_id: 7,
            conversation_id: lead.conversation_id.clone(),
            lead_ids: vec![lead.lead_id.clone()],
            ..ErasureRequested::default()
        };
        tell(&stage, &lead.bot, &erasure).await;
    }
    in_line(&stage, 0).await;
    // Still on its way when the person was erased.
    tell(&stage, &lead.bot, &closed(&lead)).await;
    until("it is read", async || {
        hurry(&stage).await;
        let read: i64 =
            sqlx::query_scalar("select count(*) from inbox").fetch_one(stage.pool("crm")).await.unwrap();
        (read == 6).then_some(())
    })
    .await;
    in_line(&stage, 0).await;
    app.stop().await;
    let left: i64 =
        sqlx::query_scalar("select (select count(*) from delivery) + (select count(*) from dead_letter)")
            .fetch_one(stage.pool("crm"))
            .await
            .unwrap();
    assert_eq!((left, fake.deals().remove(0).notes.len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_a_lead_that_lies_in_a_dead_letter_are_given_up_where_a_person_sees_them() {
    let kind = Kind::Amocrm;
    let (stage, fake) = (stage().await, Fake::start(kind).await);
    let app = stage.start(&[&Crm], &fake.config(AT_ONCE)).await;
    let lead = lead_of_its_own();
    tell(&stage, &lead.bot, &files(&lead, &["plan.pdf"])).await;
    in_line(&stage, 1).await;
    sqlx::query("update job set enqueued_at = now() - interval '2 hours', run_at = now() where key <> queue")
        .execute(stage.pool("crm"))
        .await
        .unwrap();
    let letters = dead_letters(&stage, 1).await;
    assert!(letters[0].1.contains("the lead that it is about has not come"), "{}", letters[0].1);
    // The lead is replayed, then what was told of it.
    publish(&stage, &lead).await;
    delivered(&stage, 1).await;
    fake.desk(&stage, "").redrive("sales", ids::Timestamp::UNIX_EPOCH).await.unwrap();
    delivered(&stage, 2).await;
    in_line(&stage, 0).await;
    app.stop().await;
    assert!(fake.deals()[0].notes.iter().any(|note| note.contains("plan.pdf")), "{:?}", fake.deals());
}
