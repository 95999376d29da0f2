use testkit::crms::Deal;
use testkit::crms::Trouble::{Cut, DoneAndCut, DoneAndSlow, Status};

use super::*;

const SEARCH: &str = "POST /crm/v3/objects/deals/search";

/// An account whose search knows nothing, and a deal in it of which nobody knows whether it was made.
async fn unknown(settings: Value, trouble: testkit::crms::Trouble) -> (Stage, Hubspot, String) {
    let stage = stage_with(open_to_all(NEVER), settings).await;
    let adapter = stage.adapter();
    let contact = adapter.create_contact(&ada()).await.unwrap();
    stage.hubspot.faults().writes([Some(trouble)]);
    let sent = adapter.create_deal(&lead(), &Whose::Known(&contact)).await;
    assert!(matches!(sent, Err(Trouble::Unknown(_))), "{sent:?}");
    (stage, adapter, contact)
}

/// Asked as often as a test likes.
fn open_to_all(search_lag: Duration) -> Options {
    Options { per_ten_seconds: 10_000, searches_per_second: 10_000, search_lag, ..Options::default() }
}

#[tokio::test]
async fn what_was_made_before_the_cut_is_found_at_once_though_the_search_does_not_know_it() {
    for settings in [json!({}), json!({ "mark_field": "lead_id" }), json!({ "mark_field": "lead_key" })] {
        for trouble in [DoneAndCut, DoneAndSlow(Duration::from_secs(6))] {
            let (stage, adapter, contact) = unknown(settings.clone(), trouble).await;
            let made = adapter.made(MARK).await.unwrap();
            let deal = stage.hubspot.deals()[0].id.clone();
            assert_eq!(
                made,
                Some(Made { deal, contact: Some(contact), merged: false }),
                "{settings} {trouble:?}"
            );
            assert_eq!(stage.hubspot.calls().count(SEARCH), 0);
        }
    }
}

#[tokio::test]
async fn what_was_not_made_is_made_once() {
    for trouble in [Cut, Status(502)] {
        let (stage, adapter, contact) = unknown(json!({}), trouble).await;
        assert_eq!(adapter.made(MARK).await.unwrap(), None, "{trouble:?}");
        let made = adapter.create_deal(&lead(), &Whose::Known(&contact)).await.unwrap();
        assert_eq!(stage.hubspot.deals().len(), 1);
        assert_eq!(adapter.unsettled.contact(MARK), None, "nothing is kept of what is settled");
        assert_eq!(stage.hubspot.deals()[0].id, made.deal);
    }
}

#[tokio::test]
async fn another_process_asks_the_search() {
    for settings in [json!({}), json!({ "mark_field": "lead_id" })] {
        let stage = stage_with(open_to_all(Duration::ZERO), settings).await;
        let adapter = stage.adapter();
        let contact = adapter.create_contact(&ada()).await.unwrap();
        let other = stage.adapter();
        assert_eq!(other.made(MARK).await.unwrap(), None);
        stage.hubspot.faults().writes([Some(DoneAndCut)]);
        adapter.create_deal(&lead(), &Whose::Known(&contact)).await.unwrap_err();
        let deal = stage.hubspot.deals()[0].id.clone();
        assert_eq!(
            other.made(MARK).await.unwrap(),
            Some(Made { deal, contact: Some(contact), merged: false })
        );
    }
}

#[tokio::test]
async fn a_mark_that_hubspot_keeps_unique_needs_no_search_and_no_memory() {
    let (stage, _, contact) = unknown(json!({ "mark_field": "lead_key" }), DoneAndCut).await;
    let other = stage.adapter();
    let deal = stage.hubspot.deals()[0].id.clone();
    let made = Some(Made { deal, contact: Some(contact.clone()), merged: false });
    assert_eq!(other.made(MARK).await.unwrap(), made);
    assert_eq!(other.made("0196f0a1-0000-7000-8000-000000000000").await.unwrap(), None);
    // Whoever makes it all the same is refused by HubSpot, and finds the one that is there.
    let again = other.create_deal(&lead(), &Whose::Known(&contact)).await;
    assert!(matches!(again, Err(Trouble::Unknown(_))), "{again:?}");
    assert_eq!(other.made(MARK).await.unwrap(), made);
    assert_eq!(stage.hubspot.deals().len(), 1);
    assert_eq!(stage.hubspot.calls().count(SEARCH), 0);
}

#[tokio::test]
async fn a_deal_with_another_mark_is_not_taken_for_it() {
    let stage = stage_with(open_to_all(Duration::ZERO), json!({})).await;
    let word = MARK.rsplit('-').next().unwrap();
    let deal = |name: String| stage.hubspot.add_deal(&Deal { name, ..Deal::default() });
    deal(format!("Telegram: a CRM [0196f0a1-0000-7000-8000-{word}]"));
    deal(format!("we spoke of {word}"));
    assert_eq!(stage.adapter().made(MARK).await.unwrap(), None);
    let ours = deal(format!("Telegram: a CRM [{MARK}] moved"));
    deal(format!("copy [{MARK}]"));
    let made = stage.adapter().made(MARK).await.unwrap();
    assert_eq!(
        made,
        Some(Made { deal: ours, contact: None, merged: false }),
        "the first with the whole mark"
    );
    assert_eq!(stage.adapter().made("").await.unwrap(), None);
}

#[tokio::test]
async fn where_the_person_is_gone_the_search_is_asked() {
    let stage = stage_with(open_to_all(Duration::ZERO), json!({})).await;
    let adapter = stage.adapter();
    // Merged into somebody else since.
    adapter.unsettled.sent(MARK, "12345");
    let ours = stage.hubspot.add_deal(&Deal { name: format!("x [{MARK}]"), ..Deal::default() });
    assert_eq!(adapter.made(MARK).await.unwrap().unwrap().deal, ours);
}

#[tokio::test]
async fn a_look_that_fails_says_so() {
    let (stage, adapter, _) = unknown(json!({}), DoneAndCut).await;
    stage.hubspot.faults().reads([Some(Status(500))]);
    let failed = adapter.made(MARK).await;
    assert!(matches!(failed, Err(Trouble::Failed { status: 500, .. })), "{failed:?}");
    assert!(adapter.made(MARK).await.unwrap().is_some(), "and nothing is forgotten");
}
