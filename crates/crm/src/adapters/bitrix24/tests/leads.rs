use super::*;

#[tokio::test]
async fn a_new_lead_holds_who_it_is_and_all_that_is_known() {
    let bench = bench(Options::default()).await;
    let utm = Utm { source: "tg_ads".to_owned(), campaign: "autumn".to_owned(), ..Utm::default() };
    let wanted = NewDeal {
        currency: "USD".to_owned(),
        stage: "IN_PROCESS".to_owned(),
        responsible: account::BORIS.to_string(),
        tags: vec!["telegram".to_owned(), "hot".to_owned()],
        utm,
        ..deal()
    };
    let lead = bench.new_lead(&wanted, &ada()).await.unwrap();
    assert_eq!(lead, made("lead:1", None));
    let seen = bench.only();
    assert_eq!((seen.id.as_str(), seen.name.as_str()), ("lead:1", "CRM for a garage"));
    assert_eq!(
        (seen.price, seen.stage.as_str(), seen.responsible.as_str()),
        (Some(300_000), "IN_PROCESS", "2")
    );
    for (field, value) in [
        ("originatorId", "dragoman"),
        ("originId", MARK),
        ("utmSource", "tg_ads"),
        ("utmCampaign", "autumn"),
        ("currencyId", "USD"),
        ("sourceDescription", "telegram, hot"),
        (account::LEAD_TELEGRAM, "7000000001"),
    ] {
        assert_eq!(seen.fields.get(field).map(String::as_str), Some(value), "{field}");
    }
    let people = bench.portal.people();
    assert_eq!((people.len(), people[0].name.as_str()), (1, "Ada Lovelace"));
    assert_eq!(
        (people[0].phones.concat(), people[0].emails.concat()),
        ("+79129876543".into(), "ada@example.com".into())
    );
    assert_eq!(people[0].fields.get("TELEGRAM").map(String::as_str), Some("ada"));
    assert_eq!(
        bench.portal.calls().requests,
        ["batch", "crm.item.add"],
        "the fields are looked up once, and one call writes"
    );
}

#[tokio::test]
async fn a_lead_of_somebody_known_is_theirs() {
    let bench = bench(Options::default()).await;
    let contact = bench.portal.add_person(&person("Ada", "8 (912) 987-65-43", ""));
    let lead = bench.adapter.create_deal(&deal(), &Whose::Known(&contact)).await.unwrap();
    assert_eq!(lead, made("lead:1", Some(&contact)));
    assert_eq!(bench.only().contact, Some(contact));
    assert_eq!(bench.portal.people().len(), 1);
}

#[tokio::test]
async fn of_somebody_whom_only_a_lead_knows_a_second_lead_knows_the_same() {
    let bench = bench(Options::default()).await;
    let first = bench.new_lead(&deal(), &ada()).await.unwrap();
    let second = NewDeal { mark: "second".to_owned(), ..deal() };
    let second = bench.adapter.create_deal(&second, &Whose::Known(&first.deal)).await.unwrap();
    assert_eq!(second.deal, "lead:2");
    let people = bench.portal.people();
    assert_eq!((people.len(), &people[0].phones, &people[0].name), (2, &people[1].phones, &people[1].name));
    // When a manager has made a person of them since, it is that person's.
    let contact = bench.portal.add_person(&person("Boris", "+79001112233", ""));
    let theirs = bench.portal.add_lead(&of("Asked", &contact, ""), None);
    let third = NewDeal { mark: "third".to_owned(), ..deal() };
    let third = bench.adapter.create_deal(&third, &Whose::Known(&theirs)).await.unwrap();
    assert_eq!(third.contact, Some(contact));
}

#[tokio::test]
async fn where_there_are_no_leads_the_deal_that_came_of_one_is_meant() {
    let bench = bench(Options { simple: true, ..Options::default() }).await;
    bench.portal.add_deal(&of("Of somebody else", "", ""));
    let wanted = NewDeal {
        fields: vec![filled("budget", account::BUDGET, "500000"), filled("segment", account::SEGMENT, "hot")],
        ..deal()
    };
    let lead = bench.new_lead(&wanted, &ada()).await.unwrap();
    assert_eq!(lead, made("deal:2", Some("1")));
    assert_eq!(bench.adapter.made(MARK).await.unwrap(), Some(lead.clone()));
    bench.adapter.add_note(&lead.deal, &note("n1", "Wants a call")).await.unwrap();
    let deals = bench.portal.deals();
    let seen = deals.iter().find(|deal| deal.id == "deal:2").unwrap();
    assert_eq!((deals.len(), seen.name.as_str(), seen.price), (2, "CRM for a garage", Some(300_000)));
    assert_eq!(seen.notes, ["Wants a call\n\nn1"]);
    assert_eq!(seen.fields.get(account::DEAL_BUDGET).map(String::as_str), Some("500000.0"));
    assert_eq!(seen.fields.get(account::DEAL_SEGMENT).map(String::as_str), Some("91"));
    assert_eq!(bench.portal.people()[0].phones, ["+79129876543"]);
}

#[tokio::test]
async fn somebody_without_a_name_becomes_a_deal_too() {
    let bench = bench(Options { simple: true, ..Options::default() }).await;
    let nameless = Contact { telegram_user_id: 42, ..Contact::default() };
    assert_eq!(bench.new_lead(&deal(), &nameless).await.unwrap(), made("deal:1", Some("1")));
    assert_eq!(bench.portal.people()[0].name, "Telegram 42");
    // Of somebody known it needs no name, and of nobody at all it stays a lead.
    let second = NewDeal { mark: "2".to_owned(), ..deal() };
    let known = bench.adapter.create_deal(&second, &Whose::Known("1")).await.unwrap();
    assert_eq!(known, made("deal:2", Some("1")));
    let third = NewDeal { mark: "3".to_owned(), ..deal() };
    assert_eq!(bench.new_lead(&third, &Contact::default()).await.unwrap(), made("lead:3", None));
    assert_eq!(bench.adapter.made("3").await.unwrap(), Some(made("lead:3", None)));
}

#[tokio::test]
async fn a_lead_whose_answer_never_came_is_found_and_not_made_again() {
    for simple in [false, true] {
        let bench = bench(Options { simple, ..Options::default() }).await;
        bench.portal.faults().writes([Some(testkit::crms::Trouble::DoneAndCut)]);
        let trouble = bench.new_lead(&deal(), &ada()).await.unwrap_err();
        assert_eq!(trouble.word(), "unknown", "{trouble:?}");
        let found = bench.adapter.made(MARK).await.unwrap().unwrap();
        assert_eq!(found.deal, if simple { "deal:1" } else { "lead:1" });
        assert_eq!(bench.only().id, found.deal);
        assert_eq!(bench.adapter.made("another mark").await.unwrap(), None);
        assert_eq!(bench.portal.calls().of("crm.item.add"), 1);
    }
}

#[tokio::test]
async fn a_lead_that_was_not_made_is_not_found() {
    let bench = bench(Options::default()).await;
    bench.portal.faults().writes([Some(testkit::crms::Trouble::Cut)]);
    let trouble = bench.new_lead(&deal(), &ada()).await.unwrap_err();
    assert_eq!(trouble.word(), "unknown", "{trouble:?}");
    assert_eq!(bench.adapter.made(MARK).await.unwrap(), None);
}

/// A call that reads and fails behind the one that wrote must not look as if nothing was written.
#[tokio::test]
async fn a_lead_that_is_made_is_not_made_again_because_its_deal_could_not_be_looked_up() {
    let bench = bench(Options { simple: true, ..Options::default() }).await;
    bench.adapter.schema().await.unwrap();
    bench.portal.faults().reads([Some(testkit::crms::Trouble::Status(503))]);
    let trouble = bench.new_lead(&deal(), &ada()).await.unwrap_err();
    let Trouble::Unknown(why) = &trouble else { panic!("{trouble:?}") };
    assert!(why.contains("the lead is made"), "{why}");
    assert_eq!(bench.adapter.made(MARK).await.unwrap().unwrap().deal, "deal:1");
}

#[tokio::test]
async fn an_update_sets_what_is_given_and_leaves_the_rest() {
    let bench = bench(Options::default()).await;
    let lead = bench.new_lead(&deal(), &ada()).await.unwrap();
    let change = NewDeal {
        price: Some(400_000),
        stage: "PROCESSED".to_owned(),
        fields: vec![filled("budget", account::BUDGET, "90.5")],
        mark: "the mark of another lead".to_owned(),
        ..NewDeal::default()
    };
    for _ in 0..2 {
        bench.adapter.update_deal(&lead.deal, &change).await.unwrap();
    }
    let seen = bench.only();
    assert_eq!(
        (seen.name.as_str(), seen.price, seen.stage.as_str()),
        ("CRM for a garage", Some(400_000), "PROCESSED")
    );
    assert_eq!(seen.fields.get(account::BUDGET).map(String::as_str), Some("90.5"));
    assert_eq!(seen.fields.get("originId").map(String::as_str), Some(MARK));
    assert_eq!(bench.portal.people().len(), 1);
}

/// The mapping is written for leads; a deal has fields of the same names under other ids, and stages of its own.
#[tokio::test]
async fn an_update_of_a_deal_goes_into_the_fields_that_deals_have() {
    let bench = bench(Options::default()).await;
    let contact = bench.portal.add_person(&person("Ada", "+79129876543", ""));
    let id = bench.portal.add_deal(&of("Repair", &contact, "EXECUTING"));
    let fields = vec![filled("budget", account::BUDGET, "90"), filled("segment", account::SEGMENT, "warm")];
    let change = NewDeal { stage: "IN_PROCESS".to_owned(), fields, ..deal() };
    bench.adapter.update_deal(&id, &change).await.unwrap();
    let seen = bench.only();
    assert_eq!((seen.stage.as_str(), seen.price), ("EXECUTING", Some(300_000)));
    assert_eq!(seen.fields.get(account::DEAL_BUDGET).map(String::as_str), Some("90.0"));
    assert_eq!(seen.fields.get(account::DEAL_SEGMENT).map(String::as_str), Some("92"));
    assert_eq!(seen.fields.get("originId"), None, "it is not ours");
    let change = NewDeal { fields: vec![filled("team", account::TEAM, "5")], ..deal() };
    let trouble = bench.adapter.update_deal(&id, &change).await.unwrap_err();
    assert!(
        trouble.note().expose().contains("deals have no field called “People in the team”"),
        "{}",
        trouble.note().expose()
    );
    assert_eq!(faults(trouble), pairs(&[("team", "UnknownField")]));
}

#[tokio::test]
async fn an_update_of_what_is_gone_is_refused_and_an_id_of_elsewhere_too() {
    let bench = bench(Options::default()).await;
    let lead = bench.new_lead(&deal(), &ada()).await.unwrap();
    bench.portal.remove(&lead.deal);
    let gone = bench.adapter.update_deal(&lead.deal, &deal()).await.unwrap_err();
    assert_eq!(faults(gone), pairs(&[("", "NOT_FOUND")]));
    for id in ["1", "contact:1", "lead:x", ""] {
        let trouble = bench.adapter.update_deal(id, &deal()).await.unwrap_err();
        assert_eq!(faults(trouble), pairs(&[("", "NoSuchId")]), "{id}");
    }
}

#[tokio::test]
async fn a_person_is_made_by_themselves() {
    let bench = bench(Options::default()).await;
    assert!(bench.adapter.makes_contact_with_deal());
    let city = vec![filled("city", account::CITY, "Perm")];
    let id = bench.adapter.create_contact(&Contact { fields: city, ..ada() }).await.unwrap();
    let people = bench.portal.people();
    assert_eq!(
        (people.len(), people[0].id.as_str(), people[0].name.as_str()),
        (1, id.as_str(), "Ada Lovelace")
    );
    assert_eq!(people[0].fields.get(account::CITY).map(String::as_str), Some("Perm"));
    assert_eq!(people[0].fields.get(account::TELEGRAM).map(String::as_str), Some("7000000001"));
    let refused = bench.adapter.create_contact(&Contact::default()).await.unwrap_err();
    assert_eq!(faults(refused), pairs(&[("", "CRM_FIELD_ERROR_REQUIRED")]));
}
