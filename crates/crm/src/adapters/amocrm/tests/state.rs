//! Where a deal stands.

use testkit::crms::{Deal, Stranger};

use super::*;
use crate::domain::state::{DealState, Outcome};

#[tokio::test]
async fn a_deal_is_told_as_it_stands_and_one_that_is_not_there_as_nothing() {
    let account = account().await;
    let deal = |stage: i64| {
        let stage = stage.to_string();
        account.crm.add_deal(&Deal { name: "x".to_owned(), price: Some(300_000), stage, ..Deal::default() })
    };
    for (stage, outcome) in
        [(ids_of::SALES_TALKS, Outcome::Open), (ids_of::WON, Outcome::Won), (ids_of::LOST, Outcome::Lost)]
    {
        let id = deal(stage);
        let told = account.adapter.deal_state(&id).await.unwrap().unwrap();
        assert_eq!(told.ended_at.is_some(), outcome != Outcome::Open, "{stage}");
        let wanted = DealState {
            deal: id.clone(),
            outcome,
            stage_decides: false,
            pipeline: ids_of::SALES.to_string(),
            stage: stage.to_string(),
            responsible: ids_of::ANNA.to_string(),
            amount: "300000".to_owned(),
            currency: String::new(),
            ended_at: told.ended_at,
        };
        assert_eq!(told, wanted);
    }
    assert_eq!(account.adapter.deal_state("404").await.unwrap(), None);
    assert!(matches!(account.adapter.deal_state("../users").await, Err(Trouble::Rejected { .. })));
}

#[tokio::test]
async fn an_answer_that_is_not_about_the_deal_says_nothing_of_it() {
    let account = account().await;
    for body in
        ["", "null", "{}", "[]", "<html>", r#"{"id":8,"status_id":142}"#, r#"{"id":7,"status_id":"won"}"#]
    {
        let stranger = Stranger::start(move |_| (200, body.as_bytes().to_vec())).await;
        let config = config(stranger.url());
        let token = Token::Given(Secret::new("t".to_owned()));
        let adapter = super::super::open(&config, account.caller.clone(), token).unwrap();
        let state = adapter.deal_state("7").await;
        assert!(matches!(state, Err(Trouble::Failed { .. })), "{body}: {state:?}");
    }
    let missing =
        Stranger::start(|_| (404, br#"{"title":"Not Found","detail":"Lead not found"}"#.to_vec())).await;
    let token = Token::Given(Secret::new("t".to_owned()));
    let adapter = super::super::open(&config(missing.url()), account.caller.clone(), token).unwrap();
    assert_eq!(adapter.deal_state("7").await.unwrap(), None);
}
