//! What was delivered is compared with what the CRM has.

mod nightly;

use crm::{Crm, Difference};
use ids::{Ids, Timestamp, Uuid};
use testkit::{Stage, until};

use crate::accounts::fakes::{Fake, KINDS, Kind};
use crate::alerts::hurry;
use crate::support::{lead, publish, stage};

/// Delivers so many leads of different people; returns their ids.
async fn deliver(stage: &Stage, leads: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for nth in 0..leads {
        let mut lead = lead();
        lead.conversation_id = Ids::system().uuid().to_string();
        let contact = lead.contact.as_mut().unwrap();
        contact.phone = format!("+7912{:07}", 1_000 * leads + nth);
        contact.telegram_user_id = 100 + i64::try_from(nth).unwrap();
        ids.push(lead.lead_id.parse().unwrap());
        publish(stage, &lead).await;
    }
    delivered(stage, &ids).await;
    ids
}

async fn delivered(stage: &Stage, ids: &[Uuid]) {
    until("all are delivered", async || {
        hurry(stage).await;
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from delivery where lead_id = any($1) and state = 'delivered'",
        )
        .bind(ids)
        .fetch_one(stage.pool("crm"))
        .await
        .unwrap();
        (usize::try_from(waiting).unwrap() == ids.len()).then_some(())
    })
    .await;
}

/// The CRM's id of a lead.
async fn deal_of(stage: &Stage, lead: Uuid) -> String {
    sqlx::query_scalar("select deal from crm_link where lead_id = $1")
        .bind(lead)
        .fetch_one(stage.pool("crm"))
        .await
        .unwrap()
}

/// The calls so far were long ago: what may have been done or undone by them is looked for at once.
async fn long_ago(stage: &Stage) {
    let moved = "update attempt set started_at = started_at - interval '3 minutes'";
    sqlx::query(moved).execute(stage.pool("crm")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_on_either_side_is_named_and_made_again_only_when_a_person_asks() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        // With it a mark is read and not searched for.
        let more = if kind == Kind::Hubspot { "mark_field = \"lead_key\"\n" } else { "" };
        let app = stage.start(&[&Crm], &fake.config(more)).await;
        let leads = deliver(&stage, 3).await;
        app.stop().await;
        let desk = fake.desk(&stage, more);
        let compared = desk.reconcile(None, false).await.unwrap().remove(0);
        assert_eq!((compared.outcome.as_str(), compared.note.as_str()), ("done", ""), "{kind:?}");
        assert_eq!((compared.leads, compared.deals, compared.differences), (3, 3, vec![]), "{kind:?}");

        let gone = deal_of(&stage, leads[0]).await;
        fake.remove_deal(&gone);
        let (foreign, again) = (Ids::system().uuid(), leads[1]);
        let unknown = fake.add_marked(&foreign.to_string());
        let twice = if kind == Kind::Hubspot { None } else { Some(fake.add_marked(&again.to_string())) };
        let before = fake.deals();
        let compared = desk.reconcile(Some("sales"), false).await.unwrap().remove(0);
        let difference = |kind, lead_id, deal: &str| Difference { kind, lead_id, deal: deal.to_owned() };
        let mut wanted = vec![difference("gone", leads[0], &gone), difference("unknown", foreign, &unknown)];
        wanted.extend(twice.as_deref().map(|deal| difference("twice", again, deal)));
        wanted.sort();
        assert_eq!(compared.differences, wanted, "{kind:?}");
        assert_eq!(fake.deals(), before, "{kind:?}: nothing is changed there");

        // Asked for, it is made again, whole; what is there is not made twice, and its note neither.
        let app = stage.start(&[&Crm], &fake.config(more)).await;
        long_ago(&stage).await;
        desk.redrive_lead("sales", &leads[0].to_string()).await.unwrap();
        desk.redrive_lead("sales", &leads[2].to_string()).await.unwrap();
        delivered(&stage, &leads).await;
        app.stop().await;
        let deals = fake.deals();
        assert_eq!(deals.len(), before.len() + 1, "{kind:?}: {deals:?}");
        let made = deal_of(&stage, leads[0]).await;
        let made = deals.iter().find(|deal| deal.id == made).unwrap();
        assert!(made.notes.len() == 1 && made.notes[0].contains("budget"), "{kind:?}: {made:?}");
        let there = deal_of(&stage, leads[2]).await;
        let there = deals.iter().find(|deal| deal.id == there).unwrap();
        assert_eq!(there.notes.len(), 1, "{kind:?}: {there:?}");
        let compared = desk.reconcile(None, false).await.unwrap().remove(0);
        assert!(compared.differences.iter().all(|one| one.kind != "gone"), "{kind:?}: {compared:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_is_on_no_way_is_found_and_delivered_when_a_person_asks() {
    let (stage, fake) = (stage().await, Fake::start(Kind::Amocrm).await);
    let config = fake.config("");
    let app = stage.start(&[&Crm], &config).await;
    let leads = deliver(&stage, 1).await;
    app.stop().await;
    let desk = fake.desk(&stage, "");
    // Somebody has emptied the table of jobs.
    let lost =
        "update delivery set state = 'waiting', ended_at = null, created_at = now() - interval '1 hour'";
    sqlx::query(lost).execute(stage.pool("crm")).await.unwrap();
    let compared = desk.reconcile(None, false).await.unwrap().remove(0);
    assert_eq!(compared.differences, [Difference { kind: "stuck", lead_id: leads[0], deal: String::new() }]);
    desk.redrive_lead("sales", &leads[0].to_string()).await.unwrap();
    let error = desk.redrive_lead("sales", &leads[0].to_string()).await.unwrap_err();
    assert!(error.to_string().contains("is on its way"), "{error}");
    let app = stage.start(&[&Crm], &config).await;
    delivered(&stage, &leads).await;
    app.stop().await;
    assert_eq!(fake.deals().len(), 1);
    assert!(desk.reconcile(None, false).await.unwrap()[0].differences.is_empty());
    let nobody = desk.redrive_lead("sales", &Uuid::nil().to_string()).await.unwrap_err();
    assert!(nobody.to_string().contains("is kept for sales"), "{nobody}");
    assert_eq!(desk.redrive("sales", Timestamp::UNIX_EPOCH).await.unwrap(), 0);
}
