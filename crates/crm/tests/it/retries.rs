//! Attempts that fail: when the next comes, what it carries, and when it is the last.

use testkit::until;

use crate::accounts::fakes::{Fake, Kind};
use crate::receiver::{Receiver, Say};
use crate::support::{
    Facts, SECRET, attempts, dead_letters, endpoint, hurry, lead, pause_after, publish, stage, start,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_is_repeated_on_the_schedule_with_the_same_id_until_it_is_given_up() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let receiver = Receiver::start(&[Say::Status(500); 10]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    let mut facts = Facts::listen(&stage).await;
    publish(&stage, &lead()).await;
    for (attempt, seconds) in
        (1..).zip([5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0])
    {
        let pause = pause_after(&stage, attempt).await;
        // ± 20 %, and what passed between the begin of the attempt and its end.
        assert!((seconds * 0.8..seconds * 1.2 + 5.0).contains(&pause), "after {attempt}: {pause} s");
        hurry(&stage).await;
    }
    let letters = dead_letters(&stage, 1).await;
    assert_eq!(letters[0].1, "one answered 500 Internal Server Error");
    let fact = facts.next().await;
    assert_eq!((fact.outcome.as_str(), fact.attempts, fact.status), ("failed", 10, 500));
    app.stop().await;

    let calls = receiver.calls();
    assert_eq!(calls.len(), 10);
    assert!(calls.iter().all(|call| call.id() == calls[0].id() && call.verifies(SECRET)));
    assert!(attempts(&stage).await.iter().all(|one| *one == (Some("refused".to_owned()), Some(500))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_once_and_then_works_is_delivered() {
    let stage = stage().await;
    let receiver = Receiver::start(&[Say::Status(500)]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    let mut facts = Facts::listen(&stage).await;
    publish(&stage, &lead()).await;
    pause_after(&stage, 1).await;
    hurry(&stage).await;
    let calls = receiver.called(2).await;
    assert_eq!(calls[0].id(), calls[1].id());
    assert_eq!(calls[0].body, calls[1].body);
    let fact = facts.next().await;
    assert_eq!((fact.outcome.as_str(), fact.attempts, fact.status), ("delivered", 2, 200));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_does_not_answer_in_time_may_have_it_and_gets_the_same_id_again() {
    let stage = stage().await;
    let receiver = Receiver::start(&[Say::Nothing]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    publish(&stage, &lead()).await;
    let pause = pause_after(&stage, 1).await;
    assert!((48.0..80.0).contains(&pause), "an endpoint that is slow gets a minute: {pause} s");
    assert_eq!(attempts(&stage).await, [(Some("unknown".to_owned()), None)]);
    hurry(&stage).await;
    let calls = receiver.called(2).await;
    assert_eq!(calls[0].id(), calls[1].id());
    app.stop().await;
    assert_eq!(attempts(&stage).await[1], (Some("delivered".to_owned()), Some(200)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let stage = stage().await;
    let receiver = Receiver::start(&[Say::Elsewhere]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    publish(&stage, &lead()).await;
    pause_after(&stage, 1).await;
    assert_eq!(attempts(&stage).await, [(Some("refused".to_owned()), Some(307))]);
    hurry(&stage).await;
    let calls = receiver.called(2).await;
    assert!(calls.iter().all(|call| call.path == "/hook"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_may_ask_for_more_time() {
    let stage = stage().await;
    let receiver = Receiver::start(&[Say::Later(429, 100), Say::Later(503, 1)]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    publish(&stage, &lead()).await;
    let pause = pause_after(&stage, 1).await;
    assert!((99.0..110.0).contains(&pause), "it asked for 100 s: {pause} s");
    hurry(&stage).await;
    let pause = pause_after(&stage, 2).await;
    assert!((240.0..370.0).contains(&pause), "less than the schedule's pause is not granted: {pause} s");
    hurry(&stage).await;
    receiver.called(3).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_is_told_again_while_it_waits_is_no_second_job() {
    let stage = stage().await;
    let receiver = Receiver::start(&[Say::Status(500), Say::Status(500)]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    let again = lead();
    publish(&stage, &again).await;
    pause_after(&stage, 1).await;
    publish(&stage, &again).await;
    // Of the same chat, so it comes after the other.
    publish(&stage, &lead()).await;
    receiver.called(2).await;
    let jobs: Vec<i32> = until("both wait", async || {
        let jobs = sqlx::query_scalar("select attempt from job where state = 2 and key <> queue")
            .fetch_all(stage.pool("crm"))
            .await;
        Some(jobs.unwrap()).filter(|jobs: &Vec<i32>| jobs.len() >= 2)
    })
    .await;
    assert_eq!(jobs, [1, 1]);
    let all = sqlx::query("update job set run_at = now() where key <> queue")
        .execute(stage.pool("crm"))
        .await
        .unwrap();
    assert_eq!(all.rows_affected(), 2);
    receiver.called(4).await;
    app.stop().await;
    assert_eq!(receiver.calls().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_of_our_own_database_spends_no_attempt_of_an_endpoint_or_an_account() {
    let stage = stage().await;
    let (receiver, fake) = (Receiver::start(&[]).await, Fake::start(Kind::Amocrm).await);
    let app = start(&stage, &format!("{}{}", endpoint("one", &receiver), fake.account())).await;
    for sql in [
        "create sequence falls",
        "create function fall() returns trigger language plpgsql as $$ begin
             if nextval('falls') <= 4 then raise exception 'for a while' using errcode = '40001'; end if;
             return new;
         end $$",
        "create trigger fall before insert on attempt for each row execute function fall()",
    ] {
        sqlx::query(sql).execute(stage.pool("crm")).await.unwrap();
    }
    let mut facts = Facts::listen(&stage).await;
    publish(&stage, &lead()).await;
    until("both wait", async || {
        let waiting =
            "select count(*) from job where key <> queue and state = 2 and lease > 0 and run_at > now()";
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(stage.pool("crm")).await.unwrap();
        (waiting == 2).then_some(())
    })
    .await;
    let spent: i64 = sqlx::query_scalar("select sum(attempt) from job where key <> queue")
        .fetch_one(stage.pool("crm"))
        .await
        .unwrap();
    assert_eq!(spent, 0);
    let told = tokio::spawn(async move { [facts.next().await, facts.next().await] });
    until("both are delivered", async || {
        let now = "update job set run_at = now() where key <> queue and state = 2";
        sqlx::query(now).execute(stage.pool("crm")).await.unwrap();
        told.is_finished().then_some(())
    })
    .await;
    for fact in told.await.unwrap() {
        assert_eq!(fact.outcome, "delivered", "{}", fact.endpoint);
    }
    app.stop().await;
    assert_eq!((receiver.calls().len(), fake.deals().len()), (1, 1));
}
