//! What we may not do: to one deal, or to the whole account.

use crm::Crm;
use testkit::until;

use super::fakes::{Fake, KINDS, Kind};
use super::{calls, deliveries, hurry, lead_of_its_own, tried};
use crate::support::{publish, stage};

const PHONE: &str = "+79129876543";

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_we_may_not_touch_holds_up_no_other_lead_and_its_own_can_be_driven_again() {
    let updated = (Kind::Amocrm, "update");
    for (kind, policy) in KINDS.map(|kind| (kind, "note")).into_iter().chain([updated]) {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let closed = fake.add_deal(&fake.add_person(PHONE), &kind.of_a_manager());
        fake.close(&closed, true);
        let settings = format!("open_deal = \"{policy}\"\n[crm.accounts.mapping]\nprice = \"5000\"\n");
        let app = stage.start(&[&Crm], &fake.config(&settings)).await;
        publish(&stage, &lead_of_its_own()).await;
        until("it is forbidden", async || {
            let calls = calls(&stage).await;
            calls.iter().any(|(_, outcome)| outcome.as_deref() == Some("denied")).then_some(())
        })
        .await;
        // Somebody else, at once.
        let mut other = lead_of_its_own();
        let contact = other.contact.as_mut().unwrap();
        (contact.phone, contact.telegram_user_id) = ("+79121112233".to_owned(), 8);
        publish(&stage, &other).await;
        until("the other lead is delivered", async || {
            (deliveries(&stage, "delivered").await == 1).then_some(())
        })
        .await;
        // In the end a person looks at it.
        let why = until("it is given up", async || {
            hurry(&stage).await;
            sqlx::query_scalar::<_, String>("select error from dead_letter")
                .fetch_optional(stage.pool("crm"))
                .await
                .unwrap()
        })
        .await;
        assert!(why.contains("sales answered"), "{kind:?} {policy}: {why}");
        fake.close(&closed, false);
        assert_eq!(
            fake.desk(&stage, &settings).redrive("sales", ids::Timestamp::UNIX_EPOCH).await.unwrap(),
            1
        );
        until("it is delivered after all", async || {
            hurry(&stage).await;
            (deliveries(&stage, "delivered").await == 2).then_some(())
        })
        .await;
        app.stop().await;
        let deal = fake.deals().into_iter().find(|deal| deal.id == closed).unwrap();
        assert_eq!(deal.notes.len(), 1, "{kind:?} {policy}: {deal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_everything_is_forbidden_the_account_rests_and_no_attempt_is_spent() {
    let (mut stage, fake) = (stage().await, Fake::start(Kind::Bitrix24).await);
    stage.may_leave(&["job"]);
    let Fake::Bitrix24(portal) = &fake else { return };
    fake.faults().writes([None, Some(testkit::crms::Trouble::Page(502))]);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    publish(&stage, &lead_of_its_own()).await;
    tried(&stage, "add the note").await;
    portal.refuse(403, "INVALID_CREDENTIALS");
    let paused = "select extract(epoch from max(paused_until) - now())::float8 from rate_limit";
    let seconds = until("the account rests", async || {
        let seconds: Option<f64> = sqlx::query_scalar(paused).fetch_one(stage.pool("crm")).await.unwrap();
        if seconds.is_none() {
            hurry(&stage).await;
        }
        seconds
    })
    .await;
    assert!(seconds > 800.0, "{seconds}");
    let spent: i32 = sqlx::query_scalar("select attempt from job where queue = 'crm.deal'")
        .fetch_one(stage.pool("crm"))
        .await
        .unwrap();
    assert!(spent <= 2, "{spent}");
    app.stop().await;
}
