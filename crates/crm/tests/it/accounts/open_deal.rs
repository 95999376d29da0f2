//! Deals that were there before, and managers who work with them.

use crm::Crm;
use testkit::crms::{Deal, Trouble};

use super::fakes::{Fake, KINDS, Kind};
use super::{calls, delivered, tried};
use crate::support::{lead, publish, stage};

const PHONE: &str = "+79129876543";

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_is_updated_stays_where_its_manager_has_it() {
    for kind in KINDS {
        let (stage, fake, mapped) = (stage().await, Fake::start(kind).await, kind.of_a_mapping());
        let by_hand = fake.add_deal(&fake.add_person(PHONE), &kind.of_a_manager());
        let before = fake.deals().remove(0);
        // The deal is updated, and the note meets trouble.
        fake.faults().writes([None, Some(Trouble::Page(502))]);
        let settings = format!(
            "open_deal = \"update\"\n[crm.accounts.mapping]\nname = \"Ours\"\nprice = \"5000\"\nstage = \"{}\"\n\
             responsible = \"{}\"\n",
            mapped.stage, mapped.responsible
        );
        let app = stage.start(&[&Crm], &fake.config(&settings)).await;
        publish(&stage, &lead()).await;
        tried(&stage, "add the note").await;
        let updated = fake.deals().remove(0);
        assert_eq!(updated.price, Some(5_000), "{kind:?}: {updated:?}");
        assert_eq!(
            (updated.name, updated.stage, updated.responsible),
            (before.name, before.stage, before.responsible),
            "{kind:?}"
        );
        // Before the next attempt it is won.
        fake.move_deal(&by_hand, kind.over()).await;
        delivered(&stage, 1).await;
        app.stop().await;
        let deals = fake.deals();
        assert_eq!((deals.len(), deals[0].stage.as_str()), (1, kind.over()), "{kind:?}: {deals:?}");
        assert_eq!(deals[0].notes.len(), 1, "{kind:?}: {:?}", deals[0].notes);
        let updates = calls(&stage).await.iter().filter(|(step, _)| step == "update the deal").count();
        assert_eq!(updates, 1, "{kind:?}");
    }
}

/// A lead whose first attempt ends at this step, what a person does in the CRM then, and how it looks when the lead is
/// delivered.
async fn meanwhile(kind: Kind, fake: &Fake, step: &str, person_does: impl FnOnce()) -> Vec<Deal> {
    let stage = stage().await;
    fake.faults().writes([Some(Trouble::Page(502))]);
    let app = stage.start(&[&Crm], &fake.config("")).await;
    publish(&stage, &lead()).await;
    tried(&stage, step).await;
    person_does();
    delivered(&stage, 1).await;
    app.stop().await;
    let (deals, people) = (fake.deals(), fake.people());
    assert_eq!((deals.len(), people.len()), (1, 1), "{kind:?}: {deals:?} {people:?}");
    assert_eq!(deals[0].notes.len(), 1, "{kind:?}: {deals:?}");
    deals
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_merged_into_somebody_else_between_two_attempts_is_looked_for_anew() {
    for kind in KINDS {
        let fake = Fake::start(kind).await;
        let (known, mut into) = (fake.add_person(PHONE), String::new());
        let merges = || {
            fake.remove_person(&known);
            into = fake.add_person(PHONE);
        };
        let deals = meanwhile(kind, &fake, "make the deal", merges).await;
        assert_eq!(deals[0].contact.as_ref(), Some(&into), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_a_manager_makes_between_two_attempts_gets_the_lead() {
    for kind in KINDS {
        let fake = Fake::start(kind).await;
        let known = fake.add_person(PHONE);
        let makes = || drop(fake.add_deal(&known, &kind.of_a_manager()));
        let deals = meanwhile(kind, &fake, "make the deal", makes).await;
        assert_eq!(deals[0].name, "By hand", "{kind:?}: {deals:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_whose_deal_is_thrown_away_between_two_attempts_gets_another() {
    for kind in KINDS {
        let fake = Fake::start(kind).await;
        let known = fake.add_person(PHONE);
        let thrown_away = fake.add_deal(&known, &kind.of_a_manager());
        let deals = meanwhile(kind, &fake, "add the note", || fake.remove_deal(&thrown_away)).await;
        assert_eq!(deals[0].contact.as_ref(), Some(&known), "{kind:?}");
    }
}
