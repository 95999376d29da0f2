use testkit::crms::hubspot::{Kind, Property};

use super::*;

/// Our name and HubSpot's word of each mistake.
async fn faults(adapter: &Hubspot, deal: &NewDeal) -> Vec<(Option<String>, String)> {
    let contact = adapter.create_contact(&ada()).await.unwrap();
    match adapter.create_deal(deal, &Whose::Known(&contact)).await {
        Err(Trouble::Rejected { status: 400, faults, .. }) => {
            faults.into_iter().map(|fault| (fault.field, fault.code)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn fault(field: &str, code: &str) -> (Option<String>, String) {
    (Some(field.to_owned()), code.to_owned())
}

#[tokio::test]
async fn every_mistake_is_told_by_our_name_for_its_field() {
    let stage = stage_with(Options::default(), json!({ "mark_field": "lead" })).await;
    let adapter = stage.adapter();
    let deal = NewDeal {
        currency: "ZZZ".to_owned(),
        pipeline: "default".to_owned(),
        stage: "90211".to_owned(),
        responsible: "1".to_owned(),
        fields: vec![
            filled("money", "budget", "a lot"),
            filled("tasks", "services", "CRM; Tea"),
            filled("start", "start_date", "soon"),
            filled("size", "size_of_team", "5"),
        ],
        ..lead()
    };
    let mut told = faults(&adapter, &deal).await;
    told.sort();
    let mut wanted = vec![
        fault("currency", "INVALID_OPTION"),
        fault("stage", "INVALID_OPTION"),
        fault("responsible", "INVALID_OPTION"),
        fault("money", "INVALID_OPTION"),
        fault("tasks", "INVALID_OPTION"),
        fault("start", "INVALID_DATE"),
        fault("size", "PROPERTY_DOESNT_EXIST"),
        fault("mark", "PROPERTY_DOESNT_EXIST"),
    ];
    wanted.sort();
    assert_eq!(told, wanted);
    assert!(stage.hubspot.deals().is_empty());
}

#[tokio::test]
async fn what_a_person_has_mended_in_hubspot_is_seen_at_the_next_attempt() {
    let stage = stage().await;
    let adapter = stage.adapter();
    let deal = NewDeal { fields: vec![filled("source", "lead_source", "Telegram")], ..lead() };
    assert_eq!(faults(&adapter, &deal).await, [fault("source", "PROPERTY_DOESNT_EXIST")]);
    let property = Property::new(Kind::Deals, "lead_source", "Source", "enumeration", "select");
    stage.hubspot.add_property(property.with_options(&[("tg", "Telegram")]));
    let contact = adapter.create_contact(&ada()).await.unwrap();
    adapter.create_deal(&deal, &Whose::Known(&contact)).await.unwrap();
    assert_eq!(stage.hubspot.deals()[0].fields["lead_source"], "tg");
}

#[tokio::test]
async fn an_email_that_is_none_is_told() {
    let stage = stage().await;
    let refused = stage.adapter().create_contact(&Contact { email: pii("ada at home"), ..ada() }).await;
    let Err(Trouble::Rejected { status: 400, faults, .. }) = &refused else { panic!("{refused:?}") };
    assert_eq!((faults[0].field.as_deref(), faults[0].code.as_str()), (Some("email"), "INVALID_EMAIL"));
    assert!(faults[0].detail.expose().contains("ada at home"));
    assert!(!format!("{refused:?}").contains("ada at home"), "what was sent is printed nowhere");
}
