use testkit::crms::Trouble::{Page, Status};

use super::*;

/// How long a call is put off, and whether that is for all of the account.
fn put_off<T: std::fmt::Debug>(answer: Result<T, Trouble>) -> (u64, bool) {
    match answer {
        Err(Trouble::Busy { status: Some(_), after, only_this }) => (after.as_secs(), !only_this),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_limit_lasts_as_long_as_it_does() {
    let usual = Options::default;
    for (options, seconds) in [
        (Options { searches_per_second: 0, ..usual() }, 1),
        (Options { per_ten_seconds: 0, ..usual() }, 10),
        (Options { per_day: 0, ..usual() }, 3_600),
    ] {
        let stage = stage_with(options, json!({})).await;
        let found = stage.adapter().find(&ada(), &[FindBy::Phone]).await;
        assert_eq!(put_off(found), (seconds, true));
        assert_eq!(stage.hubspot.calls().too_many, 1, "the call is not repeated here");
    }
}

#[tokio::test]
async fn calls_are_counted() {
    let stage = stage_with(Options { per_ten_seconds: 2, ..Options::default() }, json!({})).await;
    let adapter = stage.adapter();
    adapter.create_contact(&ada()).await.unwrap();
    adapter.create_contact(&ada()).await.unwrap();
    assert_eq!(put_off(adapter.create_contact(&ada()).await), (10, true));
}

#[tokio::test]
async fn the_next_day_has_its_own_calls() {
    let stage = stage().await;
    let adapter = stage.adapter();
    stage.hubspot.spend_the_day();
    put_off(adapter.schema().await);
    stage.hubspot.midnight();
    adapter.schema().await.unwrap();
}

#[tokio::test]
async fn a_record_that_is_locked_and_an_account_that_moves_are_waited_for() {
    let stage = stage().await;
    let adapter = stage.adapter();
    stage.hubspot.faults().writes([Some(Status(423)), Some(Status(477)), Some(Status(429))]);
    assert_eq!(put_off(adapter.create_contact(&ada()).await), (2, false));
    assert_eq!(put_off(adapter.create_contact(&ada()).await), (120, true), "as long as HubSpot asks for");
    assert_eq!(put_off(adapter.create_contact(&ada()).await), (1, true));
    adapter.create_contact(&ada()).await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_for_a_person_to_replace() {
    let stage = stage().await;
    let adapter = stage.adapter();
    stage.hubspot.rotate_token();
    let denied = adapter.create_contact(&ada()).await.unwrap_err();
    assert!(matches!(denied, Trouble::Denied { status: 401, .. }), "{denied:?}");
    assert!(denied.note().expose().contains("INVALID_AUTHENTICATION"), "HubSpot's words are kept");
    assert_eq!(stage.hubspot.calls().lines.len(), 1, "and it is not tried again");
    stage.adapter().create_contact(&ada()).await.unwrap();
}

#[tokio::test]
async fn a_scope_that_is_missing_is_named() {
    let missing_scopes = vec!["crm.objects.deals.write".to_owned()];
    let stage = stage_with(Options { missing_scopes, ..Options::default() }, json!({})).await;
    let adapter = stage.adapter();
    let contact = adapter.create_contact(&ada()).await.unwrap();
    let denied = adapter.create_deal(&lead(), &Whose::Known(&contact)).await.unwrap_err();
    let Trouble::Denied { status: 403, why, .. } = &denied else { panic!("{denied:?}") };
    assert!(why.contains("crm.objects.deals"), "{why}");
    assert!(denied.note().expose().contains("crm.objects.deals.write"));
    assert!(
        !format!("{denied:?}").contains("crm.objects.deals.write"),
        "what HubSpot said is printed nowhere"
    );
}

#[tokio::test]
async fn a_failure_of_hubspot_is_unknown_of_a_write_and_nothing_of_a_read() {
    let stage = stage().await;
    let adapter = stage.adapter();
    for trouble in [Status(500), Status(503), Page(502), Page(200), Page(403), Status(301)] {
        stage.hubspot.faults().writes([Some(trouble)]);
        let sent = adapter.create_contact(&ada()).await;
        assert!(matches!(sent, Err(Trouble::Unknown(_))), "{trouble:?}: {sent:?}");
        stage.hubspot.faults().reads([Some(trouble)]);
        let read = adapter.schema().await;
        assert!(matches!(read, Err(Trouble::Failed { .. })), "{trouble:?}: {read:?}");
    }
    assert!(stage.hubspot.people().is_empty());
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let stage = stage().await;
    let adapter = adapter("http://127.0.0.1:1", "t", &json!({}), &stage.pool).unwrap();
    let sent = adapter.create_contact(&ada()).await;
    assert!(matches!(sent, Err(Trouble::NotSent(_))), "{sent:?}");
}
