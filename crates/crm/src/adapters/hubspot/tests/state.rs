//! Where a deal stands.

use testkit::crms::Deal;

use super::*;
use crate::domain::state::Outcome;

#[tokio::test]
async fn a_deal_is_told_as_it_stands_and_one_that_is_not_there_as_nothing() {
    let stage = stage().await;
    let adapter = stage.adapter();
    for (name, outcome) in
        [("qualifiedtobuy", Outcome::Open), ("closedwon", Outcome::Won), ("closedlost", Outcome::Lost)]
    {
        let deal = Deal {
            name: "x".to_owned(),
            price: Some(1_500),
            stage: name.to_owned(),
            responsible: "41629779".to_owned(),
            fields: [("deal_currency_code".to_owned(), "USD".to_owned())].into(),
            ..Deal::default()
        };
        let id = stage.hubspot.add_deal(&deal);
        let told = adapter.deal_state(&id).await.unwrap().unwrap();
        assert_eq!((told.outcome, told.stage.as_str(), told.pipeline.as_str()), (outcome, name, "default"));
        assert_eq!((told.amount.as_str(), told.currency.as_str()), ("1500", "USD"));
        assert_eq!((told.responsible.as_str(), told.deal), ("41629779", id));
    }
    assert_eq!(adapter.deal_state("404").await.unwrap(), None);
}
