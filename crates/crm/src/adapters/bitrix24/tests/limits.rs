//! Limits, bans, and a portal that is not itself.

use ids::{ManualClock, SignedDuration, Timestamp};
use testkit::crms::Trouble as Fate;

use super::super::super::FindBy;
use super::*;

fn hands() -> ManualClock {
    ManualClock::at(Timestamp::from_second(1_790_000_000).unwrap())
}

#[tokio::test]
async fn a_full_bucket_makes_the_whole_account_wait_and_nobody_is_shut_out() {
    let hands = hands();
    let bench = bench(Options { clock: hands.clock(), ..Options::default() }).await;
    bench.adapter.schema().await.unwrap();
    bench.portal.fill_bucket();
    let trouble = bench.new_lead(&deal(), &ada()).await.unwrap_err();
    let Trouble::Busy { status: Some(503), after, only_this: false } = trouble else { panic!("{trouble:?}") };
    hands.advance(SignedDuration::try_from(after).unwrap());
    bench.new_lead(&deal(), &ada()).await.unwrap();
    let calls = bench.portal.calls();
    assert_eq!((calls.too_many, calls.overload, calls.of("crm.item.add")), (1, false, 1));
}

#[tokio::test]
async fn a_method_that_has_worked_too_long_waits_alone_and_as_long_as_it_is_told() {
    let hands = hands();
    let bench = bench(Options { clock: hands.clock(), ..Options::default() }).await;
    let lead = bench.new_lead(&deal(), &ada()).await.unwrap().deal;
    hands.advance(SignedDuration::from_secs(100));
    bench.portal.work("crm.item.add", 600.0);
    let trouble = bench.new_lead(&NewDeal { mark: "2".to_owned(), ..deal() }, &ada()).await.unwrap_err();
    let Trouble::Busy { status: Some(429), after, only_this: true } = trouble else { panic!("{trouble:?}") };
    // What it has worked since the first call is forgotten ten minutes after that one.
    assert_eq!(after.as_secs(), 499);
    bench.adapter.add_note(&lead, &note("n", "other methods go on")).await.unwrap();
    bench.portal.work("crm.duplicate.findbycomm", 600.0);
    let trouble = bench.adapter.find(&ada(), &[FindBy::Phone]).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Busy { only_this: true, .. }), "in a batch too: {trouble:?}");
    hands.advance(SignedDuration::from_secs(700));
    bench.new_lead(&NewDeal { mark: "2".to_owned(), ..deal() }, &ada()).await.unwrap();
}

#[tokio::test]
async fn where_a_refusal_tells_no_end_the_last_good_answer_did() {
    let bench = bench(Options { clock: hands().clock(), tells_reset: false, ..Options::default() }).await;
    bench.portal.work("crm.item.add", 600.0);
    let trouble = bench.new_lead(&deal(), &ada()).await.unwrap_err();
    let Trouble::Busy { after, only_this: true, .. } = trouble else { panic!("{trouble:?}") };
    assert_eq!(after.as_secs(), 60, "nothing is known of it: a basket of time is a minute");
    let lead = bench.adapter.made(MARK).await.unwrap();
    assert_eq!(lead, None);
    bench.portal.work("crm.item.list", 600.0);
    let trouble = bench.adapter.made(MARK).await.unwrap_err();
    let Trouble::Busy { after, only_this: true, .. } = trouble else { panic!("{trouble:?}") };
    assert!((560..600).contains(&after.as_secs()), "{after:?}");
}

#[tokio::test]
async fn a_ban_and_a_lost_right_say_who_has_to_do_what() {
    let bench = bench(Options::default()).await;
    bench.adapter.schema().await.unwrap();
    for (status, code, word, why) in [
        (503, "OVERLOAD_LIMIT", "blocked", "support"),
        (403, "ACCESS_DENIED", "denied", "plan"),
        (402, "PAYMENT_REQUIRED", "blocked", "plan"),
        (500, "PORTAL_DELETED", "blocked", "deleted"),
        (403, "INVALID_CREDENTIALS", "denied", "no right"),
        (403, "insufficient_scope", "denied", "crm"),
        (403, "user_access_error", "denied", "may not"),
        (403, "allowed_only_intranet_user", "denied", "may not"),
        (403, "SOMETHING_NEW", "denied", "not taken"),
        (401, "NO_AUTH_FOUND", "denied", "unknown"),
        (400, "ACCESS_DENIED", "denied", "may not"),
        (400, "Access denied.", "denied", "may not"),
    ] {
        bench.portal.refuse(status, code);
        let trouble = bench.new_lead(&deal(), &ada()).await.unwrap_err();
        assert_eq!((trouble.word(), trouble.status()), (word, Some(status)), "{code}: {trouble:?}");
        assert!(trouble.note().expose().contains(why), "{code}: {}", trouble.note().expose());
    }
    assert_eq!(bench.portal.calls().of("crm.item.add"), 0);
}

#[tokio::test]
async fn a_page_of_maintenance_is_no_answer_whatever_its_status() {
    let bench = bench(Options::default()).await;
    bench.adapter.schema().await.unwrap();
    for status in [200, 403, 502, 503] {
        bench.portal.faults().writes([Some(Fate::Page(status))]);
        let trouble = bench.new_lead(&deal(), &ada()).await.unwrap_err();
        assert_eq!(trouble.word(), "unknown", "{status}: {trouble:?}");
        bench.portal.faults().reads([Some(Fate::Page(status))]);
        let trouble = bench.adapter.made(MARK).await.unwrap_err();
        assert_eq!((trouble.word(), trouble.status()), ("failed", Some(status)), "{trouble:?}");
    }
    bench.portal.maintain();
    assert_eq!(bench.adapter.find(&ada(), &[FindBy::Phone]).await.unwrap_err().word(), "failed");
    bench.portal.open();
    bench.adapter.find(&ada(), &[FindBy::Phone]).await.unwrap();
}

#[tokio::test]
async fn a_portal_that_fails_leaves_a_write_unknown_and_a_read_failed() {
    let bench = bench(Options::default()).await;
    bench.adapter.schema().await.unwrap();
    bench.portal.faults().writes([Some(Fate::Status(500))]);
    assert_eq!(bench.new_lead(&deal(), &ada()).await.unwrap_err().word(), "unknown");
    bench.portal.faults().reads([Some(Fate::Status(500))]);
    assert_eq!(bench.adapter.made(MARK).await.unwrap_err().word(), "failed");
    bench.portal.faults().reads([Some(Fate::Cut)]);
    assert_eq!(bench.adapter.made(MARK).await.unwrap_err().word(), "not_sent", "nothing has happened");
    bench.portal.faults().writes([Some(Fate::DoneAndSlow(Duration::from_secs(20)))]);
    let slow = bench.new_lead(&deal(), &ada()).await.unwrap_err();
    assert_eq!(slow.word(), "unknown");
    assert_eq!(bench.adapter.made(MARK).await.unwrap(), Some(made("lead:1", None)));
}

#[tokio::test]
async fn the_secret_of_the_webhook_is_in_no_trouble() {
    let bench = bench(Options::default()).await;
    bench.adapter.schema().await.unwrap();
    let secret = bench.portal.token();
    let (_, secret) = secret.split_once('/').unwrap();
    for fate in [
        Fate::DoneAndCut,
        Fate::Cut,
        Fate::Page(503),
        Fate::Status(500),
        Fate::Status(401),
        Fate::Status(429),
    ] {
        bench.portal.faults().writes([Some(fate)]);
        let trouble = bench.new_lead(&deal(), &ada()).await.unwrap_err();
        let said = format!("{trouble:?} {}", trouble.note().expose());
        assert!(!said.contains(secret), "{fate:?}: {said}");
        assert!(!format!("{trouble:?}").contains("Ada"), "{trouble:?}");
    }
    let nobody = AccountConfig { url: "http://127.0.0.1:1".to_owned(), ..bench.config.clone() };
    let adapter =
        open(&nobody, bench.caller.clone(), Token::Given(Secret::new(bench.portal.token()))).unwrap();
    let trouble = adapter.made(MARK).await.unwrap_err();
    assert_eq!(trouble.word(), "not_sent");
    assert!(!format!("{trouble:?} {}", trouble.note().expose()).contains(secret), "{trouble:?}");
}
