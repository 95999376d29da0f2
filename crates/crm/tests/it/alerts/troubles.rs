//! What is told: when it begins, when it is over, and of how many at once.

use crm::Crm;
use testkit::crms::Trouble;
use testkit::until;

use super::receivers::{Desk, Group};
use super::{hurry, looks, watch};
use crate::accounts::fakes::{Fake, Kind};
use crate::receiver::{Receiver, Say};
use crate::support::{config, dead_letters, endpoint, lead, publish, stage};

/// What must stand in no alert: who the lead is.
fn names_nobody(text: &str) {
    for of_the_lead in ["Ada", "9129876543", "brief.pdf", "5-7k"] {
        assert!(!text.contains(of_the_lead), "{text}");
    }
}

async fn number(stage: &testkit::Stage, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(stage.pool("crm")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_dead_letters_are_one_message_with_their_number_and_one_when_they_are_delivered_after_all()
 {
    const LEADS: i64 = 2_000;
    let stage = stage().await;
    let gone = Receiver::start(&[Say::Status(410); 2_000]).await;
    let (desk, group) = (Desk::start().await, Group::start().await);
    let told = format!("{}{}{}", desk.slack(""), desk.pagerduty(""), group.config("language = \"ru\"\n"));
    let with = |receiver: &Receiver, gather| {
        config(&format!("{}{told}{}", endpoint("one", receiver), watch(gather)))
    };
    // As long as they come they are gathered.
    let app = stage.start(&[&Crm], &with(&gone, 3600)).await;
    for nth in 1..=LEADS {
        publish(&stage, &lead()).await;
        if nth % 100 == 0 {
            until("they are dead letters", async || {
                (number(&stage, "select count(*) from dead_letter").await == nth).then_some(())
            })
            .await;
        }
    }
    until("the trouble is seen", async || {
        (number(&stage, "select coalesce(max(count), 0)::bigint from trouble").await == LEADS).then_some(())
    })
    .await;
    assert!(desk.texts().is_empty());
    app.stop().await;

    // Two replicas, and no second look tells it again.
    let (app, other) =
        (stage.start(&[&Crm], &with(&gone, 1)).await, stage.start(&[&Crm], &with(&gone, 1)).await);
    let text = desk.told(1).await.remove(0);
    assert!(
        text.starts_with("one: not delivered and waiting for a person: 2000. one answered 410 Gone"),
        "{text}"
    );
    assert!(text.contains("dragoman crm redrive one --since 20"), "{text}");
    names_nobody(&text);
    let in_group = group.told(1).await.remove(0);
    assert!(in_group.starts_with("one: не доставлено и ждёт человека: 2000."), "{in_group}");
    let incidents = until("the incident is open", async || {
        Some(desk.incidents()).filter(|incidents| !incidents.is_empty())
    })
    .await;
    let (key, events) = incidents.into_iter().next().unwrap();
    assert_eq!((events.len(), &events[0]["payload"]["severity"]), (1, &"error".into()));
    names_nobody(&events[0].to_string());
    looks(&stage, 3).await;
    assert_eq!((desk.texts().len(), group.texts().len()), (1, 1));
    app.stop().await;
    other.stop().await;

    let moved = Receiver::start(&[]).await;
    let app = stage.start(&[&Crm], &with(&moved, 1)).await;
    let settings = stage.settings(&with(&moved, 1));
    let cli = crm::Desk::new(&settings.section("crm").unwrap(), stage.pool("crm").clone()).unwrap();
    assert_eq!(cli.redrive("one", ids::Timestamp::UNIX_EPOCH).await.unwrap(), 2_000);
    let waiting = "select count(*) from delivery where state <> 'delivered'";
    let mut left = LEADS;
    while left > 0 {
        let less = async || Some(number(&stage, waiting).await).filter(|now| *now < left);
        left = until("more are delivered", less).await;
    }
    let texts = desk.told(2).await;
    assert_eq!(texts[1], "Over: one: nothing waits for a person any more.");
    assert_eq!(group.told(2).await[1], "Решено: one: ничего больше не ждёт человека.");
    until("the incident is resolved", async || (desk.incidents()[&key].len() == 2).then_some(())).await;
    let incidents = desk.incidents();
    assert_eq!((incidents.len(), &incidents[&key][1]["event_action"]), (1, &"resolve".into()));
    app.stop().await;
    assert_eq!((desk.texts().len(), group.texts().len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_field_is_told_by_our_name_and_nothing_of_the_lead() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let (desk, fake) = (Desk::start().await, Fake::start(Kind::Amocrm).await);
    let wrong = fake.config("[crm.accounts.mapping.fields]\n999999 = \"answers.type\"\n");
    let app = stage.start(&[&Crm], &format!("{wrong}{}{}", desk.slack(""), watch(0))).await;
    publish(&stage, &lead()).await;
    let text = desk.told(1).await.remove(0);
    assert!(text.contains("sales") && text.contains("answers.type"), "{text}");
    names_nobody(&text);
    dead_letters(&stage, 1).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_fails_again_and_again_is_told_and_that_it_works_again() {
    let stage = stage().await;
    let receiver = Receiver::start(&[Say::Status(500); 3]).await;
    let desk = Desk::start().await;
    let told = config(&format!("{}{}{}", endpoint("one", &receiver), desk.slack(""), watch(0)));
    let app = stage.start(&[&Crm], &told).await;
    publish(&stage, &lead()).await;
    for calls in 1..=3 {
        receiver.called(calls).await;
        until("the attempt is noted", async || {
            let noted = "select count(*) from attempt where outcome is not null";
            let waits = "select count(*) from job where queue = 'crm.deliver' and state = 2";
            (number(&stage, noted).await == calls as i64 && number(&stage, waits).await == 1).then_some(())
        })
        .await;
        if calls < 3 {
            assert!(desk.texts().is_empty(), "once or twice is no trouble");
            hurry(&stage).await;
        }
    }
    let text = desk.told(1).await.remove(0);
    assert!(
        text.starts_with("one: fails since 20") && text.contains("(it answers 500). Waiting: 1."),
        "{text}"
    );
    hurry(&stage).await;
    assert_eq!(desk.told(2).await[1], "Over: one: works again, or nothing waits for it.");
    app.stop().await;
    assert_eq!(desk.texts().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_shut_out_is_told_and_that_it_is_let_in_again() {
    let stage = stage().await;
    let (desk, fake) = (Desk::start().await, Fake::start(Kind::Amocrm).await);
    fake.faults().reads([Some(Trouble::Page(403))]);
    let app = stage.start(&[&Crm], &format!("{}{}{}", fake.config(""), desk.slack(""), watch(0))).await;
    publish(&stage, &lead()).await;
    let text = desk.told(1).await.remove(0);
    assert!(text.starts_with("sales: the CRM has shut us out since 20"), "{text}");
    hurry(&stage).await;
    assert_eq!(desk.told(2).await[1], "Over: sales: the CRM lets us in again.");
    app.stop().await;
    assert_eq!((desk.texts().len(), fake.deals().len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_taken_is_told_and_only_to_who_wants_to_hear_it() {
    let mut stage = stage().await;
    stage.may_leave(&["job"]);
    let (desk, fake) = (Desk::start().await, Fake::start(Kind::Hubspot).await);
    fake.faults().reads(vec![Some(Trouble::Expired); 4]);
    let others = desk.pagerduty("events = [\"dead_letter\", \"missing\"]\n");
    let app =
        stage.start(&[&Crm], &format!("{}{}{others}{}", fake.config(""), desk.slack(""), watch(0))).await;
    publish(&stage, &lead()).await;
    let text = desk.told(1).await.remove(0);
    assert!(text.starts_with("sales: the CRM does not take the token since 20"), "{text}");
    assert!(text.contains("dragoman crm redrive sales --since 20"), "{text}");
    app.stop().await;
    assert!(desk.incidents().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_that_nobody_wants_are_told() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let desk = Desk::start().await;
    let app = stage.start(&[&Crm], &config(&format!("{}{}", desk.slack(""), watch(0)))).await;
    publish(&stage, &lead()).await;
    let text = desk.told(1).await.remove(0);
    assert!(text.starts_with("Leads that nobody took: 1. no endpoint wants leads of sales"), "{text}");
    app.stop().await;
}
