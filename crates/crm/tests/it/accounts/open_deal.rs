//! Deals that were there before, and managers who work with them.

use crm::Crm;
use testkit::crms::Trouble;
use testkit::until;

use super::fakes::{Fake, KINDS};
use super::{calls, delivered};
use crate::support::{lead, publish, stage};

const PHONE: &str = "+79129876543";

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_is_updated_stays_where_its_manager_has_it() {
    for kind in KINDS {
        let (stage, fake, mapped) = (stage().await, Fake::start(kind).await, kind.of_a_mapping());
        let by_hand = fake.add_open_deal(PHONE, &kind.of_a_manager());
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
        until("the note has met trouble", async || {
            let calls = calls(&stage).await;
            calls.iter().any(|(step, outcome)| step == "add the note" && outcome.is_some()).then_some(())
        })
        .await;
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
