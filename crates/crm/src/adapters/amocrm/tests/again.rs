//! What is found after an attempt of which nobody knows how it ended.

use testkit::crms::{Deal, Trouble as Happens};

use super::*;
use crate::adapters::Whose;
use crate::domain::deal::Note;

#[tokio::test]
async fn a_deal_whose_answer_was_cut_is_found_by_its_mark() {
    let account = account().await;
    account.crm.faults().writes([Some(Happens::DoneAndCut)]);
    let outcome = account.adapter.create_deal(&site("lead-1"), &Whose::New(&ada())).await;
    assert_eq!(told(outcome).0, "unknown");
    let made = account.adapter.made("lead-1").await.unwrap().unwrap();
    let deals = account.crm.deals();
    assert_eq!((deals.len(), &made.deal, &made.contact), (1, &deals[0].id, &deals[0].contact));
    assert!(account.adapter.made("lead-2").await.unwrap().is_none());
}

#[tokio::test]
async fn a_deal_whose_answer_does_not_come_in_time_is_found_by_its_mark() {
    let account = account().await;
    // Not one of the reads before it takes so long.
    let caller = caller(&account.pool, no_limit(), Duration::from_secs(3));
    let token = Token::Given(Secret::new(account.crm.token()));
    let adapter = crate::adapters::amocrm::open(&account.config, caller, token).unwrap();
    account.crm.faults().writes([Some(Happens::DoneAndSlow(Duration::from_secs(60)))]);
    let outcome = adapter.create_deal(&site("lead-1"), &Whose::New(&ada())).await;
    assert_eq!(told(outcome).0, "unknown");
    assert_eq!(adapter.made("lead-1").await.unwrap().unwrap().deal, account.crm.deals()[0].id);
}

#[tokio::test]
async fn a_deal_that_was_never_made_is_not_found() {
    let account = account().await;
    account.crm.faults().writes([Some(Happens::Cut)]);
    let outcome = account.adapter.create_deal(&site("lead-1"), &Whose::New(&ada())).await;
    assert_eq!(told(outcome).0, "unknown");
    assert!(account.adapter.made("lead-1").await.unwrap().is_none());
    assert!(account.adapter.made("").await.unwrap().is_none());
}

#[tokio::test]
async fn what_only_looks_like_the_mark_is_not_taken_for_it() {
    let account = account().await;
    let with = |name: &str, mark: &str| Deal {
        name: name.to_owned(),
        fields: [("905".to_owned(), mark.to_owned())].into(),
        ..Deal::default()
    };
    account.crm.add_deal(&with("lead-1 again", "lead-12"));
    assert!(account.adapter.made("lead-1").await.unwrap().is_none());
    let first = account.crm.add_deal(&with("Site", "lead-1"));
    account.crm.add_deal(&with("Copy", "lead-1"));
    assert_eq!(account.adapter.made("lead-1").await.unwrap().unwrap().deal, first);
}

#[tokio::test]
async fn a_note_whose_answer_was_cut_is_found() {
    let account = account().await;
    let deal = account.crm.add_deal(&Deal::default());
    let note = Note { mark: "note-1".to_owned(), text: pii("Wants a site.") };
    account.crm.faults().writes([Some(Happens::Cut), Some(Happens::DoneAndCut)]);
    for is_there in [false, true] {
        assert_eq!(told(account.adapter.add_note(&deal, &note).await).0, "unknown");
        assert_eq!(account.adapter.has_note(&deal, "note-1").await.unwrap(), is_there);
    }
}

#[tokio::test]
async fn a_page_of_maintenance_is_no_answer() {
    let account = account().await;
    account.crm.faults().writes([Some(Happens::Page(502)), Some(Happens::Page(200))]);
    for _ in 0..2 {
        let outcome = account.adapter.create_deal(&site("lead-1"), &Whose::New(&ada())).await;
        assert_eq!(told(outcome).0, "unknown");
    }
    // Taken for "there is none", it would have the deal made twice.
    account.crm.faults().reads([Some(Happens::Page(502)), Some(Happens::Page(200)), Some(Happens::Cut)]);
    for word in ["failed", "failed", "not_sent"] {
        assert_eq!(told(account.adapter.made("lead-1").await).0, word);
    }
}
