//! Another score: the fields of the deal that it is mapped to, and what a manager has written there.

use crm::Crm;
use events::message::bot::{LeadCaptured, LeadRescored};
use testkit::crms::Trouble;

use super::fakes::{Fake, KINDS, Kind};
use super::later::{AT_ONCE, in_line, rescored};
use super::{delivered, lead_of_its_own};
use crate::support::{dead_letters, publish, stage, tell};

/// The fields that hold score and temperature, in this order, and what of a mapping puts them there.
fn scored(kind: Kind) -> ([&'static str; 2], String) {
    let [score, temperature] = match kind {
        Kind::Amocrm => ["902", "901"],
        Kind::Bitrix24 => ["ufCrm_1700000001", "ufCrm_1700000002"],
        Kind::Hubspot => ["lead_id", "description"],
    };
    let mapping =
        format!("[crm.accounts.mapping.fields]\n{score} = \"score\"\n{temperature} = \"temperature\"\n");
    ([score, temperature], mapping)
}

#[tokio::test(flavor = "multi_thread")]
async fn another_score_goes_into_the_fields_it_is_mapped_to_and_what_a_manager_wrote_stays() {
    for kind in KINDS {
        let (stage, fake) = (stage().await, Fake::start(kind).await);
        let ([score, temperature], mapping) = scored(kind);
        let app = stage.start(&[&Crm], &fake.config(&format!("{AT_ONCE}{mapping}"))).await;
        let lead = LeadCaptured { score: 50, temperature: "warm".to_owned(), ..lead_of_its_own() };
        publish(&stage, &lead).await;
        delivered(&stage, 1).await;
        let before = fake.deals().remove(0);
        fake.move_deal(&before.id, kind.of_a_manager().stage).await;
        // The change of the fields is done, and its answer lost.
        fake.faults().writes([Some(Trouble::DoneAndCut)]);
        tell(&stage, &lead.bot, &rescored(&lead, 50, 80)).await;
        delivered(&stage, 2).await;
        let value =
            |fake: &Fake, field: &str| fake.deals().remove(0).fields.get(field).cloned().unwrap_or_default();
        assert_eq!(value(&fake, score).parse(), Ok(80.0), "{kind:?}");
        let hot = value(&fake, temperature);
        assert_ne!(hot, before.fields[temperature], "{kind:?}");
        // A manager knows better.
        fake.write_by_hand(&before.id, score, "7").await;
        tell(&stage, &lead.bot, &rescored(&lead, 80, 60)).await;
        delivered(&stage, 3).await;
        in_line(&stage, 0).await;
        app.stop().await;
        let deal = fake.deals().remove(0);
        assert_eq!(deal.fields[score].parse(), Ok(7.0), "{kind:?}: {deal:?}");
        assert_eq!(deal.fields[temperature], before.fields[temperature], "{kind:?}: {deal:?}");
        assert_eq!(
            (deal.name, deal.stage.as_str(), deal.responsible, deal.pipeline),
            (before.name, kind.of_a_manager().stage, before.responsible, before.pipeline),
            "{kind:?}"
        );
        assert_eq!(deal.notes.len(), 3, "{kind:?}: {:?}", deal.notes);
        assert!(
            deal.notes[1].contains("warm 50 → hot 80") && deal.notes[1].contains("+40 budget"),
            "{:?}",
            deal.notes
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_was_there_before_keeps_its_fields_and_gets_the_note() {
    let kind = Kind::Amocrm;
    let (stage, fake) = (stage().await, Fake::start(kind).await);
    let ([score, _], mapping) = scored(kind);
    fake.add_deal(&fake.add_person("+79129876543"), &kind.of_a_manager());
    let app = stage.start(&[&Crm], &fake.config(&format!("{AT_ONCE}{mapping}"))).await;
    let lead = lead_of_its_own();
    publish(&stage, &lead).await;
    delivered(&stage, 1).await;
    tell(&stage, &lead.bot, &rescored(&lead, 90, 50)).await;
    delivered(&stage, 2).await;
    in_line(&stage, 0).await;
    app.stop().await;
    let deals = fake.deals();
    assert_eq!((deals.len(), deals[0].notes.len()), (1, 2), "{deals:?}");
    assert!(!deals[0].fields.contains_key(score), "{deals:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_that_is_driven_again_late_does_not_undo_a_newer_one() {
    let kind = Kind::Amocrm;
    let (stage, fake) = (stage().await, Fake::start(kind).await);
    let ([score, _], mapping) = scored(kind);
    let app = stage.start(&[&Crm], &fake.config(&format!("{AT_ONCE}{mapping}"))).await;
    let lead = LeadCaptured { score: 50, temperature: "warm".to_owned(), ..lead_of_its_own() };
    publish(&stage, &lead).await;
    delivered(&stage, 1).await;
    fake.faults().writes([Some(Trouble::Status(422))]);
    tell(&stage, &lead.bot, &rescored(&lead, 50, 60)).await;
    dead_letters(&stage, 1).await;
    let newer = LeadRescored { at_ms: 1_760_000_060_000, ..rescored(&lead, 60, 80) };
    tell(&stage, &lead.bot, &newer).await;
    delivered(&stage, 2).await;
    // What is there is not what it was to be changed from: nobody knows whose it is.
    assert_eq!(fake.deals()[0].fields[score], "50");
    fake.desk(&stage, "").redrive("sales", ids::Timestamp::UNIX_EPOCH).await.unwrap();
    delivered(&stage, 3).await;
    in_line(&stage, 0).await;
    app.stop().await;
    assert_eq!(fake.deals()[0].fields[score], "80");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_score_field_that_is_refused_keeps_no_note_away_and_waits_for_a_person() {
    let kind = Kind::Amocrm;
    let (stage, fake) = (stage().await, Fake::start(kind).await);
    let ([score, _], mapping) = scored(kind);
    let app = stage.start(&[&Crm], &fake.config(&format!("{AT_ONCE}{mapping}"))).await;
    let lead = LeadCaptured { score: 50, temperature: "warm".to_owned(), ..lead_of_its_own() };
    publish(&stage, &lead).await;
    delivered(&stage, 1).await;
    fake.faults().writes([Some(Trouble::Status(422))]);
    tell(&stage, &lead.bot, &rescored(&lead, 50, 80)).await;
    let letters = dead_letters(&stage, 1).await;
    assert!(letters[0].1.contains("sales"), "{}", letters[0].1);
    let deal = fake.deals().remove(0);
    assert_eq!((deal.notes.len(), deal.fields[score].as_str()), (2, "50"), "{:?}", deal.notes);
    fake.desk(&stage, "").redrive("sales", ids::Timestamp::UNIX_EPOCH).await.unwrap();
    delivered(&stage, 2).await;
    in_line(&stage, 0).await;
    app.stop().await;
    let deal = fake.deals().remove(0);
    assert_eq!((deal.notes.len(), deal.fields[score].as_str()), (2, "80"), "{:?}", deal.notes);
}
