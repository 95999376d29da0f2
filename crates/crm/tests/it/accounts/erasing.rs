//! People who are erased while a lead of theirs is on its way to an account.

use std::time::Duration;

use crm::Crm;
use events::message::bot::{ErasureRequested, LeadCaptured};
use events::message::crm::PersonErased;
use events::message::person::Erased;
use futures::StreamExt;
use ids::Ids;
use prost::Message;
use testkit::crms::Trouble;
use testkit::{Stage, until};

use super::calls;
use super::fakes::{Fake, Kind};
use crate::support::{dead_letters, lead, publish, stage, tell};

/// Asks for it; what the service answers.
async fn erase(stage: &Stage, lead: &LeadCaptured) -> Erased {
    let mut answers = stage.bus().core_subscribe("ev.crm.person.erased.>").await.unwrap();
    stage.bus().flush().await.unwrap();
    let erasure = ErasureRequested {
        erasure_id: Ids::system().uuid().to_string(),
        bot: lead.bot.clone(),
        chat_id: 7,
        conversation_id: lead.conversation_id.clone(),
        lead_ids: vec![lead.lead_id.clone()],
        ..ErasureRequested::default()
    };
    tell(stage, &lead.bot, &erasure).await;
    let answer = tokio::time::timeout(Duration::from_secs(30), answers.next()).await.unwrap().unwrap();
    PersonErased::decode(answer).unwrap().what.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_is_told_of_an_account_that_has_them_though_their_lead_never_arrived_whole() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    // The deal is made, and its note refused.
    fake.faults().writes([None, Some(Trouble::Status(422))]);
    let lead = lead();
    publish(&stage, &lead).await;
    dead_letters(&stage, 1).await;
    assert_eq!((fake.deals().len(), fake.people().len()), (1, 1));
    let erased = erase(&stage, &lead).await;
    app.stop().await;
    let kept: Vec<_> = erased.kept.iter().map(|kept| (kept.kind.as_str(), kept.count)).collect();
    assert_eq!(kept, [("delivered_to:sales", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_only_asked_whether_it_knows_somebody_does_not_hold_them() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    fake.faults().writes([Some(Trouble::Status(422))]);
    let lead = lead();
    publish(&stage, &lead).await;
    dead_letters(&stage, 1).await;
    assert!(calls(&stage).await.contains(&("find the person".to_owned(), Some("done".to_owned()))));
    let erased = erase(&stage, &lead).await;
    app.stop().await;
    assert!(erased.kept.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_while_their_lead_is_delivered_leaves_no_dead_letter() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let settings = fake.config("").replace("timeout_seconds = 1\n", "timeout_seconds = 30\n");
    let app = stage.start(&[&Crm], &settings).await;
    // Long enough for the erasure to come in between.
    fake.faults().writes([Some(Trouble::DoneAndSlow(Duration::from_secs(6)))]);
    let lead = lead();
    publish(&stage, &lead).await;
    until("it is at the CRM", async || {
        calls(&stage).await.iter().any(|(step, _)| step.starts_with("make")).then_some(())
    })
    .await;
    erase(&stage, &lead).await;
    let number = async |sql: &'static str| -> i64 {
        sqlx::query_scalar(sql).fetch_one(stage.pool("crm")).await.unwrap()
    };
    assert_eq!(number("select count(*) from job where key <> queue").await, 1, "it was erased in between");
    until("its job is over", async || {
        (number("select count(*) from job where key <> queue").await == 0).then_some(())
    })
    .await;
    app.stop().await;
    assert_eq!(number("select count(*) from dead_letter").await, 0);
    assert_eq!(number("select count(*) from crm_link").await, 0);
}
