//! Briefs that are here before their lead is: nothing orders the two streams.

use crm::Crm;
use testkit::crms::Trouble;
use testkit::{Stage, until};

use super::fakes::{Fake, KINDS, Kind};
use super::{delivered, deliveries, handoff_of, hurry, lead_of_its_own, tell_llm};
use crate::support::{publish, stage};

/// Waits until the brief has been looked at in vain more often than this; returns how often that is.
async fn waits(stage: &Stage, before: i32) -> i32 {
    until("the brief waits", async || {
        sqlx::query_scalar::<_, i32>("select lease from job where state = 2 and key <> queue and lease > $1")
            .bind(before)
            .fetch_optional(stage.pool("crm"))
            .await
            .unwrap()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brief_that_comes_before_its_lead_follows_it() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let app = stage.start(&[&Crm], &fake.config("")).await;
        let lead = lead_of_its_own();
        tell_llm(&stage, &handoff_of(&lead, "They want a CRM by May.")).await;
        waits(&stage, 0).await;
        // And the lead is not there at the first attempt.
        fake.faults().writes([Some(Trouble::Cut)]);
        publish(&stage, &lead).await;
        delivered(&stage, 2).await;
        app.stop().await;
        let deals = fake.deals();
        assert_eq!((deals.len(), deals[0].notes.len()), (1, 2), "{kind:?}: {deals:?}");
        assert!(deals[0].notes[1].contains("They want a CRM by May."), "{kind:?}: {:?}", deals[0].notes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brief_without_a_lead_is_forgotten_after_an_hour_without_a_word() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    tell_llm(&stage, &handoff_of(&lead_of_its_own(), "Nobody's.")).await;
    let looks = waits(&stage, 0).await;
    sqlx::query("update job set enqueued_at = enqueued_at - interval '59 minutes'")
        .execute(stage.pool("crm"))
        .await
        .unwrap();
    hurry(&stage).await;
    waits(&stage, looks).await;
    assert_eq!(deliveries(&stage, "waiting").await, 1);
    sqlx::query("update job set enqueued_at = enqueued_at - interval '1 minute'")
        .execute(stage.pool("crm"))
        .await
        .unwrap();
    until("it is forgotten", async || {
        hurry(&stage).await;
        (deliveries(&stage, "waiting").await == 0).then_some(())
    })
    .await;
    // Neither a job nor a dead letter is left, or the stage complains.
    app.stop().await;
    assert_eq!(deliveries(&stage, "failed").await + deliveries(&stage, "delivered").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brief_for_a_bot_that_no_account_wants_waits_for_nobody() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("bots = [\"other\"]\n")).await;
    tell_llm(&stage, &handoff_of(&lead_of_its_own(), "Nobody's.")).await;
    until("it is taken in", async || {
        sqlx::query_scalar::<_, i32>("select 1 from inbox").fetch_optional(stage.pool("crm")).await.unwrap()
    })
    .await;
    app.stop().await;
    assert_eq!(deliveries(&stage, "waiting").await, 0);
}
