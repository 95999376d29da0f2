use super::*;

#[tokio::test]
async fn a_lead_becomes_a_deal_of_its_person_in_the_first_stage() {
    let stage =
        stage_with(Options::default(), json!({ "mark_field": "lead_id", "telegram_field": "telegram_id" }))
            .await;
    let adapter = stage.adapter();
    assert!(!adapter.makes_contact_with_deal());
    let contact = adapter.create_contact(&ada()).await.unwrap();
    let deal = NewDeal {
        currency: "USD".to_owned(),
        responsible: "41629779".to_owned(),
        fields: vec![
            filled("budget", "budget", "5 000 to 10 000"),
            filled("services", "services", "CRM; Bot"),
            filled("start", "start_date", "2026-12-24"),
            filled("deadline", "closedate", "2027-01-31"),
            filled("urgent", "is_urgent", "true"),
            filled("nothing", "description", ""),
        ],
        ..lead()
    };
    let made = adapter.create_deal(&deal, &Whose::Known(&contact)).await.unwrap();

    let [seen] = &stage.hubspot.deals()[..] else { panic!("there is one deal") };
    assert_eq!(made, Made { deal: seen.id.clone(), contact: Some(contact.clone()), merged: false });
    assert_eq!(
        (seen.name.as_str(), seen.price, seen.contact.as_ref()),
        ("Telegram: a CRM", Some(5_000), Some(&contact))
    );
    assert_eq!((seen.pipeline.as_str(), seen.stage.as_str()), ("default", "appointmentscheduled"));
    assert_eq!(seen.responsible, "41629779");
    for (property, value) in [
        ("lead_id", MARK),
        ("deal_currency_code", "USD"),
        ("budget", "5k_10k"),
        ("services", "crm;bot"),
        ("start_date", "2026-12-24"),
        ("closedate", "2027-01-31T00:00:00Z"),
        ("is_urgent", "true"),
    ] {
        assert_eq!(seen.fields.get(property).map(String::as_str), Some(value), "{property}");
    }
    assert!(!seen.fields.contains_key("description"), "what is empty is not sent");
    let [person] = &stage.hubspot.people()[..] else { panic!("there is one person") };
    assert_eq!((person.id.as_str(), person.name.as_str()), (contact.as_str(), "Ada Augusta Lovelace"));
    assert_eq!(
        (&person.phones[..], &person.emails[..]),
        (&["+79129876543".to_owned()][..], &["ada@example.com".to_owned()][..])
    );
    assert_eq!(person.fields["telegram_id"], "7");
    assert_eq!(person.fields["lastname"], "Augusta Lovelace");
}

#[tokio::test]
async fn a_stage_is_found_in_its_pipeline_and_a_pipeline_has_a_first_stage() {
    let stage = stage().await;
    let adapter = stage.adapter();
    let contact = adapter.create_contact(&ada()).await.unwrap();
    for (pipeline, at, becomes) in [
        ("", "90212", ("partners", "90212")),
        ("partners", "", ("partners", "90211")),
        ("default", "qualifiedtobuy", ("default", "qualifiedtobuy")),
    ] {
        let deal = NewDeal { pipeline: pipeline.to_owned(), stage: at.to_owned(), ..lead() };
        let made = adapter.create_deal(&deal, &Whose::Known(&contact)).await.unwrap();
        let seen = stage.hubspot.deals().into_iter().find(|deal| deal.id == made.deal).unwrap();
        assert_eq!((seen.pipeline.as_str(), seen.stage.as_str()), becomes, "{pipeline} {at}");
    }
    let asked = stage.hubspot.calls().count("GET /crm/v3/pipelines/deals");
    assert_eq!(asked, 2, "what is known is not asked for");
}

#[tokio::test]
async fn an_update_sets_what_is_given_and_leaves_the_rest() {
    let stage = stage().await;
    let adapter = stage.adapter();
    let contact = adapter.create_contact(&ada()).await.unwrap();
    let made = adapter.create_deal(&lead(), &Whose::Known(&contact)).await.unwrap();
    let before = stage.hubspot.deals().remove(0);
    let change = NewDeal {
        price: Some(7_000),
        stage: "qualifiedtobuy".to_owned(),
        fields: vec![filled("budget", "budget", "More")],
        ..NewDeal::default()
    };
    for _ in 0..2 {
        adapter.update_deal(&made.deal, &change).await.unwrap();
        let after = stage.hubspot.deals().remove(0);
        assert_eq!((after.price, after.stage.as_str()), (Some(7_000), "qualifiedtobuy"));
        assert_eq!(after.fields["budget"], "more");
        assert_eq!(
            (after.name, after.contact, after.pipeline),
            (before.name.clone(), before.contact.clone(), before.pipeline.clone())
        );
    }
    let calls = stage.hubspot.calls().lines.len();
    adapter.update_deal(&made.deal, &NewDeal::default()).await.unwrap();
    assert_eq!(stage.hubspot.calls().lines.len(), calls, "nothing is set by nothing");
}

#[tokio::test]
async fn a_deal_that_is_gone_can_not_be_changed() {
    let stage = stage().await;
    let change = NewDeal { price: Some(1), ..NewDeal::default() };
    let refused = stage.adapter().update_deal("12345", &change).await;
    assert!(matches!(refused, Err(Trouble::Rejected { status: 404, .. })), "{refused:?}");
}

#[tokio::test]
async fn without_a_property_of_its_own_the_mark_ends_the_name() {
    let stage = stage().await;
    let adapter = stage.adapter();
    let contact = adapter.create_contact(&ada()).await.unwrap();
    adapter.create_deal(&lead(), &Whose::Known(&contact)).await.unwrap();
    assert_eq!(stage.hubspot.deals()[0].name, format!("Telegram: a CRM [{MARK}]"));
}

#[tokio::test]
async fn a_deal_is_not_made_before_its_person() {
    let stage = stage().await;
    let refused = stage.adapter().create_deal(&lead(), &Whose::New(&ada())).await;
    assert!(matches!(refused, Err(Trouble::Rejected { .. })), "{refused:?}");
    assert!(stage.hubspot.calls().lines.is_empty());
}

#[tokio::test]
async fn a_deal_of_somebody_who_is_gone_is_refused() {
    let stage = stage().await;
    let refused = stage.adapter().create_deal(&lead(), &Whose::Known("12345")).await;
    assert!(matches!(refused, Err(Trouble::Rejected { status: 400, .. })), "{refused:?}");
    assert!(stage.hubspot.deals().is_empty());
}
