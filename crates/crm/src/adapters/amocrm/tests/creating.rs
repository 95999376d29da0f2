//! Deals and people are made as the mapping says.

use testkit::crms::{Deal, Person};

use super::*;
use crate::adapters::Whose;
use crate::domain::deal::{Made, Note, Utm};

#[tokio::test]
async fn a_deal_and_a_new_person_are_made_in_one_call_with_all_that_is_known() {
    let account = account().await;
    let deal = NewDeal {
        price: Some(300_000),
        currency: "rub".to_owned(),
        pipeline: ids_of::SALES.to_string(),
        stage: ids_of::SALES_TALKS.to_string(),
        responsible: ids_of::BORIS.to_string(),
        tags: vec!["telegram".to_owned(), "hot".to_owned()],
        fields: vec![
            filled("temperature", ids_of::TEMPERATURE, "HOT"),
            filled("budget", ids_of::BUDGET, "300000.5"),
            filled("deadline", ids_of::DEADLINE, "2026-12-24"),
            filled("has_site", ids_of::HAS_SITE, "true"),
            filled("channels", ids_of::CHANNELS, "phone"),
            filled("other_channel", ids_of::CHANNELS, "letter"),
            filled("nothing", ids_of::SITE, " "),
        ],
        utm: Utm { source: "tg_ads".to_owned(), term: "crm".to_owned(), ..Utm::default() },
        ..site("lead-1")
    };
    let ada = Contact { fields: vec![filled("city", ids_of::CITY, "London")], ..ada() };
    let made = account.adapter.create_deal(&deal, &Whose::New(&ada)).await.unwrap();

    let (deals, people) = (account.crm.deals(), account.crm.people());
    assert_eq!(made, Made { deal: deals[0].id.clone(), contact: Some(people[0].id.clone()), merged: false });
    let fields = [
        ("901", "hot"),
        ("902", "300000.5"),
        ("903", "2026-12-24T12:00:00+00:00"),
        ("904", "true"),
        ("905", "lead-1"),
        ("906", "phone, letter"),
        ("UTM_SOURCE", "tg_ads"),
        ("UTM_TERM", "crm"),
    ];
    let text = |text: &str| text.to_owned();
    let wanted = Deal {
        id: made.deal,
        name: text("Telegram: a site"),
        contact: made.contact.clone(),
        price: Some(300_000),
        pipeline: text("111"),
        stage: text("1112"),
        responsible: text("332"),
        tags: vec![text("telegram"), text("hot")],
        fields: fields.map(|(key, value)| (text(key), text(value))).into(),
        notes: Vec::new(),
    };
    assert_eq!(deals, [wanted]);
    let fields = [("953", "7000001"), ("954", "London"), ("IM", "@ada_l")];
    let wanted = Person {
        id: made.contact.unwrap(),
        name: text("Ada"),
        phones: vec![text("+79129876543")],
        emails: vec![text("ada@b.example")],
        fields: fields.map(|(key, value)| (text(key), text(value))).into(),
    };
    assert_eq!(people, [wanted]);
    assert_eq!(account.crm.calls().of("POST /api"), 1);
}

#[tokio::test]
async fn a_known_person_gets_the_deal_and_is_not_made_again() {
    let account = account().await;
    let person = account.crm.add_person(&Person { name: "Ada".to_owned(), ..Person::default() });
    let made = account.adapter.create_deal(&site("lead-1"), &Whose::Known(&person)).await.unwrap();
    let deals = account.crm.deals();
    assert_eq!(made, Made { deal: deals[0].id.clone(), contact: Some(person.clone()), merged: false });
    assert_eq!((deals[0].contact.as_ref(), account.crm.people().len()), (Some(&person), 1));
    // Nothing was said of where it is to stand.
    assert_eq!((deals[0].pipeline.as_str(), deals[0].stage.as_str()), ("111", "1111"));
}

#[tokio::test]
async fn the_account_may_put_a_deal_into_one_that_is_there() {
    let options = Options { duplicate_control: true, ..quick() };
    let account = account_with(options, |_| {}).await;
    let first = account.adapter.create_deal(&site("lead-1"), &Whose::New(&ada())).await.unwrap();
    let second = account.adapter.create_deal(&site("lead-2"), &Whose::New(&ada())).await.unwrap();
    assert_eq!(second, Made { merged: true, ..first });
    assert_eq!(account.crm.deals().len(), 1);
}

#[tokio::test]
async fn an_update_sets_what_is_given_and_leaves_the_rest() {
    let account = account().await;
    let deal = account.crm.add_deal(&Deal {
        name: "Written by hand".to_owned(),
        price: Some(5),
        stage: ids_of::SALES_TALKS.to_string(),
        tags: vec!["old".to_owned()],
        fields: [("905".to_owned(), "lead-0".to_owned())].into(),
        ..Deal::default()
    });
    let change = NewDeal {
        tags: vec!["hot".to_owned()],
        fields: vec![filled("budget", ids_of::BUDGET, "7000")],
        ..NewDeal::default()
    };
    for _ in 0..2 {
        account.adapter.update_deal(&deal, &change).await.unwrap();
        let now = &account.crm.deals()[0];
        assert_eq!((now.name.as_str(), now.price, now.stage.as_str()), ("Written by hand", Some(5), "1112"));
        assert_eq!(now.tags, ["old", "hot"]);
        let fields = [("902", "7000"), ("905", "lead-0")];
        assert_eq!(now.fields, fields.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }
    account.adapter.update_deal(&deal, &NewDeal::default()).await.unwrap();
    assert_eq!(account.crm.calls().of("PATCH"), 2, "where there is nothing to set, nobody is asked");
}

#[tokio::test]
async fn without_a_field_the_mark_stands_in_the_name() {
    let account = account_with(quick(), |config| config.mark_field.clear()).await;
    let made = account.adapter.create_deal(&site("lead-1"), &Whose::New(&ada())).await.unwrap();
    assert_eq!(account.crm.deals()[0].name, "Telegram: a site [lead-1]");
    assert_eq!(account.adapter.made("lead-1").await.unwrap(), Some(made.clone()));
    // A manager's name is no place for a mark alone.
    let change = NewDeal { price: Some(7), mark: "lead-2".to_owned(), ..NewDeal::default() };
    account.adapter.update_deal(&made.deal, &change).await.unwrap();
    assert_eq!(account.crm.deals()[0].name, "Telegram: a site [lead-1]");
}

#[tokio::test]
async fn a_note_is_put_on_the_deal_and_found_by_its_mark() {
    let account = account().await;
    let deal = account.crm.add_deal(&Deal::default());
    let note = Note { mark: "note-1".to_owned(), text: pii("Wants a site.\n") };
    assert!(!account.adapter.has_note(&deal, "note-1").await.unwrap());
    account.adapter.add_note(&deal, &note).await.unwrap();
    assert_eq!(account.crm.deals()[0].notes, ["Wants a site.\n\n[note-1]"]);
    assert!(account.adapter.has_note(&deal, "note-1").await.unwrap());
    assert!(!account.adapter.has_note(&deal, "note-11").await.unwrap());
}

#[tokio::test]
async fn a_person_alone_is_made_as_well() {
    let account = account().await;
    let id = account.adapter.create_contact(&ada()).await.unwrap();
    let people = account.crm.people();
    assert_eq!((people[0].id.as_str(), people[0].name.as_str()), (id.as_str(), "Ada"));
    assert!(account.adapter.makes_contact_with_deal());
}
