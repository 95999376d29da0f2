//! Whose a deal is that moves: while its lead is driven again, and where it has got another.

use crm::Crm;
use events::message::bot::ErasureRequested;
use ids::{Timestamp, Uuid};
use testkit::{Stage, until};

use super::back::{Scene, deals, read, scene, told};
use super::fakes::{KINDS, Kind};
use super::hands::To;
use super::hurry;
use crate::support::{Facts, dead_letters, tell};

/// Nothing is read of the account's deals for a while.
async fn no_reads(stage: &Stage) {
    let paused = "insert into rate_limit (key, tat, paused_until)
                  values ('crm/sales/reads', now(), now() + interval '1 hour')
                  on conflict (key) do update set paused_until = excluded.paused_until";
    sqlx::query(paused).execute(stage.pool("crm")).await.unwrap();
}

/// And now they are: nobody stands in the line of those who waited.
async fn reads_again(stage: &Stage) {
    for again in [
        "delete from rate_limit where key = 'crm/sales/reads'",
        "update job set run_at = now() where queue = 'crm.read'",
    ] {
        sqlx::query(again).execute(stage.pool("crm")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_whose_lead_is_driven_again_while_it_is_to_be_read_stays_the_same_deal() {
    for kind in KINDS {
        let Scene { stage, fake, app, mut moves, lead, deal } = scene(kind).await;
        let (deal, _) = fake.take_up(&deal).await;
        moves.next().await;
        read(&stage).await;
        fake.put(&deal, To::Won).await;
        let won = moves.next().await;
        read(&stage).await;
        no_reads(&stage).await;
        assert_eq!(fake.put(&deal, To::Talks).await, Some(200), "{kind:?}");
        app.stop().await;
        fake.desk(&stage, "").redrive_lead("sales", &lead.lead_id).await.unwrap();
        // It is read before its lead has come to it again, and told as the deal that it was. Another hint is heard, too.
        sqlx::query("update job set run_at = now() + interval '1 hour', state = 2 where queue = 'crm.deal'")
            .execute(stage.pool("crm"))
            .await
            .unwrap();
        let app = stage.start(&[&Crm], &fake.telling("")).await;
        reads_again(&stage).await;
        let open = moves.next().await;
        assert_eq!((open.outcome.as_str(), &open.deal_id), ("open", &won.deal_id), "{kind:?}");
        assert_eq!(open.lead_id, lead.lead_id, "{kind:?}");
        fake.tells(&app).await;
        assert_eq!(fake.put(&deal, To::Won).await, Some(200), "{kind:?}");
        let again = moves.next().await;
        assert_eq!((again.outcome.as_str(), &again.deal_id), ("won", &won.deal_id), "{kind:?}");
        let mut facts = Facts::listen(&stage).await;
        hurry(&stage).await;
        assert_eq!(facts.next().await.outcome, "delivered", "{kind:?}");
        read(&stage).await;
        app.stop().await;
        assert_eq!(deals(&stage).await, 1, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_is_made_anew_goes_on_as_the_one_before_and_an_erasure_leaves_nothing_of_either() {
    for kind in [Kind::Amocrm, Kind::Hubspot] {
        let Scene { stage, fake, app, mut moves, lead, deal } = scene(kind).await;
        fake.put(&deal, To::Won).await;
        let won = moves.next().await;
        read(&stage).await;
        let mut facts = Facts::listen(&stage).await;
        fake.remove_deal(&deal);
        sqlx::query("update attempt set started_at = started_at - interval '2 hours'")
            .execute(stage.pool("crm"))
            .await
            .unwrap();
        fake.desk(&stage, "").redrive_lead("sales", &lead.lead_id).await.unwrap();
        assert_eq!(facts.next().await.outcome, "delivered", "{kind:?}");
        let anew = fake.deals().remove(0).id;
        assert_ne!(anew, deal, "{kind:?}");
        // Nobody has to move it: what was told of the deal before is not so any more.
        let open = moves.next().await;
        assert_eq!((open.outcome.as_str(), &open.deal_id), ("open", &won.deal_id), "{kind:?}");
        read(&stage).await;
        assert_eq!(deals(&stage).await, 1, "{kind:?}");
        let request = ErasureRequested {
            erasure_id: Uuid::from_u128(7).to_string(),
            conversation_id: lead.conversation_id.clone(),
            lead_ids: vec![lead.lead_id.clone()],
            ..ErasureRequested::default()
        };
        tell(&stage, "sales", &request).await;
        until("nothing is kept of it", async || (deals(&stage).await == 0).then_some(())).await;
        app.stop().await;
        assert_eq!(told(&stage).await, 2, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_was_given_up_before_it_began_hides_no_later_hint() {
    let Scene { stage, fake, app, mut moves, deal, .. } = scene(Kind::Amocrm).await;
    no_reads(&stage).await;
    assert_eq!(fake.put(&deal, To::Talks).await, Some(200));
    app.stop().await;
    // The account is taken out of the settings for longer than it is waited for.
    let other = fake.telling("").replace("\"sales\"", "\"other\"");
    let app = stage.start(&[&Crm], &other).await;
    sqlx::query("update job set attempt = 6, run_at = now(), state = 2 where queue = 'crm.read'")
        .execute(stage.pool("crm"))
        .await
        .unwrap();
    reads_again(&stage).await;
    let letters = dead_letters(&stage, 1).await;
    assert!(letters[0].1.contains("sales is not configured"), "{}", letters[0].1);
    app.stop().await;
    let app = stage.start(&[&Crm], &fake.telling("")).await;
    fake.tells(&app).await;
    assert_eq!(fake.put(&deal, To::Won).await, Some(200));
    assert_eq!(moves.next().await.outcome, "won");
    read(&stage).await;
    // What was given up is read as well when the account's leads are driven again: nothing is new.
    let desk = fake.desk(&stage, "");
    assert_eq!(desk.redrive("sales", Timestamp::UNIX_EPOCH).await.unwrap(), 1);
    read(&stage).await;
    app.stop().await;
    assert_eq!(told(&stage).await, 1);
}
