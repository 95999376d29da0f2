//! Where leads and deals stand.

use super::*;
use crate::domain::state::{DealState, Outcome};

async fn state(bench: &Bench, id: &str) -> Option<DealState> {
    bench.adapter.deal_state(id).await.unwrap()
}

#[tokio::test]
async fn a_deal_ends_as_its_stage_says_and_a_lead_has_sold_nothing_until_it_is_a_deal() {
    let bench = bench(Options::default()).await;
    for (stage, outcome) in [("NEW", Outcome::Open), ("C9:WON", Outcome::Won), ("LOSE", Outcome::Lost)] {
        let id = bench.portal.add_deal(&Deal { price: Some(1_000), ..of("x", "", stage) });
        let told = state(&bench, &id).await.unwrap();
        assert_eq!((told.outcome, told.stage.as_str(), told.deal.as_str()), (outcome, stage, id.as_str()));
        assert_eq!((told.amount.as_str(), told.currency.as_str()), ("1000.0", "RUB"));
        assert_eq!(told.responsible, account::ANNA.to_string());
    }
    for (stage, outcome) in [("NEW", Outcome::Open), ("JUNK", Outcome::Lost), ("CONVERTED", Outcome::Open)] {
        let id = bench.portal.add_lead(&of("x", "", stage), None);
        let told = state(&bench, &id).await.unwrap();
        assert_eq!((told.outcome, told.deal.as_str()), (outcome, id.as_str()), "{stage}");
    }
}

#[tokio::test]
async fn a_lead_that_became_a_deal_stands_where_the_deal_stands() {
    let bench = bench(Options::default()).await;
    let lead = bench.portal.add_lead(&of("x", "", "CONVERTED"), None);
    let fields = [("leadId".to_owned(), lead.strip_prefix("lead:").unwrap().to_owned())].into();
    let deal = bench.portal.add_deal(&Deal { fields, ..of("x", "", "WON") });
    let told = state(&bench, &lead).await.unwrap();
    assert_eq!((told.deal.as_str(), told.outcome), (deal.as_str(), Outcome::Won));
    bench.portal.remove(&deal);
    assert_eq!(state(&bench, &deal).await, None);
    assert_eq!(state(&bench, "lead:404").await, None);
    assert_eq!(bench.adapter.deal_state("404").await.err().map(|trouble| trouble.word()), Some("rejected"));
}
