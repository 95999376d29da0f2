//! Leads that become deals: the same for every CRM, each a fake that behaves as the real one.

mod back;
mod briefs;
mod desk;
mod erasing;
pub(crate) mod fakes;
mod faults;
mod forbidden;
mod hands;
mod hangs;
mod late;
pub(crate) mod later;
mod open_deal;
mod owners;
mod pauses;
mod readable;
mod rescored;
mod settings;
mod sim;
mod strangers;

use crm::Crm;
use events::message::bot::LeadCaptured;
use events::message::llm::HandoffPrepared;
use ids::Ids;
use testkit::crms::Trouble;
use testkit::until;

use crate::support::{Facts, dead_letters, lead, publish, stage, tell};
use fakes::{Fake, KINDS};

/// Lets every waiting job run now instead of when it is due, as if the calls before had been long ago.
async fn hurry(stage: &testkit::Stage) {
    for moved in [
        "update attempt set started_at = least(started_at, now() - interval '3 minutes')",
        "update job set run_at = now() where state = 2",
        "update rate_limit set paused_until = null",
    ] {
        sqlx::query(moved).execute(stage.pool("crm")).await.unwrap();
    }
}

/// The lead of a conversation of its own.
fn lead_of_its_own() -> LeadCaptured {
    LeadCaptured { conversation_id: Ids::system().uuid().to_string(), ..lead() }
}

/// A call for a human in the conversation of this lead.
fn handoff_of(lead: &LeadCaptured, brief: &str) -> HandoffPrepared {
    HandoffPrepared {
        handoff_id: Ids::system().uuid().to_string(),
        conversation_id: lead.conversation_id.clone(),
        bot: lead.bot.clone(),
        reason: "asked".to_owned(),
        language: "en".to_owned(),
        brief: brief.to_owned(),
        ..HandoffPrepared::default()
    }
}

/// Waits until this step has been tried.
async fn tried(stage: &testkit::Stage, step: &str) {
    until(&format!("there was an attempt to {step}"), async || {
        let calls = calls(stage).await;
        let is_over = calls.iter().any(|(one, outcome)| one == step && outcome.is_some());
        is_over.then_some(())
    })
    .await;
}

/// Waits until so many deliveries have ended well; what waits for its time does not.
async fn delivered(stage: &testkit::Stage, count: usize) {
    until(&format!("{count} are delivered"), async || {
        hurry(stage).await;
        (deliveries(stage, "delivered").await >= count).then_some(())
    })
    .await;
}

async fn deliveries(stage: &testkit::Stage, state: &str) -> usize {
    let count: i64 = sqlx::query_scalar("select count(*) from delivery where state = $1")
        .bind(state)
        .fetch_one(stage.pool("crm"))
        .await
        .unwrap();
    usize::try_from(count).unwrap()
}

/// The calls of all deliveries: (step, outcome), in their order.
async fn calls(stage: &testkit::Stage) -> Vec<(String, Option<String>)> {
    sqlx::query_as("select step, outcome from attempt order by started_at, n")
        .fetch_all(stage.pool("crm"))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_becomes_a_deal_with_all_that_is_known_and_its_news_go_to_the_same_deal() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let app = stage.start(&[&Crm], &fake.config("")).await;
        let mut facts = Facts::listen(&stage).await;
        let lead = lead_of_its_own();
        publish(&stage, &lead).await;
        // The same lead once more, in another event.
        publish(&stage, &lead).await;
        let fact = facts.next().await;
        assert_eq!((fact.endpoint.as_str(), fact.outcome.as_str()), ("sales", "delivered"), "{kind:?}");

        tell_llm(&stage, &handoff_of(&lead, "They want a CRM by May.")).await;
        let deal = until("the deal has both notes", async || {
            fake.deals().into_iter().next().filter(|deal| deal.notes.len() == 2)
        })
        .await;
        app.stop().await;
        let (deals, people) = (fake.deals(), fake.people());
        assert_eq!((deals.len(), people.len()), (1, 1), "{kind:?}");
        assert!(deal.name.contains("crm") && deal.name.contains("Ada"), "{kind:?}: {deal:?}");
        assert_eq!(deal.contact.as_deref().unwrap_or(&people[0].id), people[0].id, "{kind:?}");
        assert!(people[0].phones.iter().any(|phone| phone.contains("9129876543")), "{kind:?}: {people:?}");
        assert!(
            deal.notes[0].contains("5-7k usd") && deal.notes[0].contains("brief.pdf"),
            "{kind:?}: {deal:?}"
        );
        assert!(deal.notes[1].contains("They want a CRM by May."), "{kind:?}: {deal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_without_an_answer_is_found_and_not_done_again() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        // Every call that writes is done, and its answer lost, once.
        fake.faults().writes([
            Some(Trouble::DoneAndCut),
            None,
            Some(Trouble::DoneAndCut),
            Some(Trouble::DoneAndCut),
        ]);
        let app = stage.start(&[&Crm], &fake.config("")).await;
        let mut facts = Facts::listen(&stage).await;
        publish(&stage, &lead()).await;
        let told = tokio::spawn(async move { facts.next().await });
        until("the lead is delivered", async || {
            hurry(&stage).await;
            told.is_finished().then_some(())
        })
        .await;
        app.stop().await;
        let (deals, people) = (fake.deals(), fake.people());
        assert_eq!((deals.len(), people.len()), (1, 1), "{kind:?}: {deals:?} {people:?}");
        assert_eq!(deals[0].notes.len(), 1, "{kind:?}: {:?}", deals[0].notes);
        let calls = calls(&stage).await;
        assert!(
            calls.iter().any(|(_, outcome)| outcome.as_deref() == Some("unknown")),
            "{kind:?}: {calls:?}"
        );
        assert!(calls.iter().any(|(step, _)| step.starts_with("look for")), "{kind:?}: {calls:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_known_is_not_made_again_and_an_open_deal_gets_the_lead() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let app = stage.start(&[&Crm], &fake.config("")).await;
        let mut facts = Facts::listen(&stage).await;
        publish(&stage, &lead()).await;
        facts.next().await;
        // The same telephone number, in another conversation of another bot.
        let mut second = lead_of_its_own();
        second.bot = "support".to_owned();
        publish(&stage, &second).await;
        facts.next().await;
        app.stop().await;
        let (deals, people) = (fake.deals(), fake.people());
        assert_eq!((deals.len(), people.len()), (1, 1), "{kind:?}: {deals:?}");
        assert_eq!(deals[0].notes.len(), 2, "{kind:?}: {:?}", deals[0].notes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_field_is_told_by_our_name_and_the_lead_is_driven_again_when_it_is_mended() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let wrong = fake.config("[crm.accounts.mapping.fields]\n999999 = \"answers.type\"\n");
        let app = stage.start(&[&Crm], &wrong).await;
        publish(&stage, &lead()).await;
        let letters = dead_letters(&stage, 1).await;
        assert!(
            letters[0].1.contains("answers.type") && letters[0].1.contains("sales"),
            "{kind:?}: {}",
            letters[0].1
        );
        assert!(fake.deals().is_empty(), "{kind:?}");
        app.stop().await;

        let app = stage.start(&[&Crm], &fake.config("")).await;
        let mut facts = Facts::listen(&stage).await;
        let desk = fake.desk(&stage, "");
        assert_eq!(desk.redrive("sales", ids::Timestamp::UNIX_EPOCH).await.unwrap(), 1, "{kind:?}");
        assert_eq!(facts.next().await.outcome, "delivered", "{kind:?}");
        app.stop().await;
        assert_eq!(fake.deals().len(), 1, "{kind:?}");
    }
}

async fn tell_llm(stage: &testkit::Stage, handoff: &HandoffPrepared) {
    tell(stage, &handoff.bot, handoff).await;
}
