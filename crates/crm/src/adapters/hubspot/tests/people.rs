use testkit::crms::Trouble::{DoneAndCut, Status};
use testkit::crms::{Deal, Person};

use super::*;

const BY: [FindBy; 3] = [FindBy::Telegram, FindBy::Phone, FindBy::Email];

fn person(name: &str) -> Person {
    Person { name: name.to_owned(), ..Person::default() }
}

async fn at_once() -> Stage {
    let options = Options { search_lag: Duration::ZERO, searches_per_second: 50, ..Options::default() };
    stage_with(options, json!({ "telegram_field": "telegram_id" })).await
}

fn ids(matches: &[Match]) -> Vec<&str> {
    matches.iter().map(|one| one.contact.as_str()).collect()
}

#[tokio::test]
async fn a_person_with_an_email_is_made_once_whatever_happens() {
    let stage = stage().await;
    let adapter = stage.adapter();
    stage.hubspot.faults().writes([Some(DoneAndCut)]);
    let sent = adapter.create_contact(&ada()).await;
    assert!(matches!(sent, Err(Trouble::Unknown(_))), "{sent:?}");
    let first = adapter.create_contact(&ada()).await.unwrap();
    let again = adapter.create_contact(&Contact { email: pii(" Ada@Example.com"), ..ada() }).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(stage.hubspot.people().len(), 1);
}

#[tokio::test]
async fn a_person_without_an_email_is_made_anew_and_whom_hubspot_names_is_taken() {
    let stage = stage().await;
    let adapter = stage.adapter();
    let without = Contact { email: pii(""), ..ada() };
    let one = adapter.create_contact(&without).await.unwrap();
    let other = adapter.create_contact(&without).await.unwrap();
    assert_ne!(one, other, "HubSpot can not know them");
    // Through the mapping they have one that is there already.
    let known =
        stage.hubspot.add_person(&Person { emails: vec!["ada@example.com".to_owned()], ..person("Ada") });
    let mapped = Contact { fields: vec![filled("mail", "email", "ada@example.com")], ..without };
    assert_eq!(adapter.create_contact(&mapped).await.unwrap(), known);
    assert_eq!(stage.hubspot.people().len(), 3);
}

#[tokio::test]
async fn people_are_found_in_the_order_in_which_they_are_looked_for_and_none_twice() {
    let stage = at_once().await;
    let email =
        stage.hubspot.add_person(&Person { emails: vec!["ada@example.com".to_owned()], ..person("By mail") });
    let phone = stage
        .hubspot
        .add_person(&Person { phones: vec!["8 (912) 987-65-43".to_owned()], ..person("By phone") });
    let mobile = Person { phones: vec![String::new(), "912 9876543".to_owned()], ..person("By mobile") };
    let mobile = stage.hubspot.add_person(&mobile);
    let both = Person {
        phones: vec!["+79129876543".to_owned()],
        fields: [("telegram_id".to_owned(), "7".to_owned())].into(),
        ..person("By both")
    };
    let both = stage.hubspot.add_person(&both);
    let near = Person {
        phones: vec!["+7 913 987-65-43".to_owned()],
        fields: [("telegram_id".to_owned(), "77".to_owned())].into(),
        ..person("Somebody else")
    };
    stage.hubspot.add_person(&near);

    let adapter = stage.adapter();
    let found = adapter.find(&ada(), &BY).await.unwrap();
    assert_eq!(ids(&found), [&both, &phone, &mobile, &email]);
    let found = adapter.find(&ada(), &[FindBy::Email, FindBy::Telegram]).await.unwrap();
    assert_eq!(ids(&found), [&email, &both]);
    let nobody = Contact { name: pii("Ada"), ..Contact::default() };
    let calls = stage.hubspot.calls().lines.len();
    assert_eq!(adapter.find(&nobody, &BY).await.unwrap(), []);
    assert_eq!(stage.hubspot.calls().lines.len(), calls, "nothing identifies them, so nothing is asked");
}

#[tokio::test]
async fn a_person_comes_with_their_open_deals_the_newest_first() {
    let stage = at_once().await;
    let ada_there =
        stage.hubspot.add_person(&Person { emails: vec!["ada@example.com".to_owned()], ..person("Ada") });
    let other = stage.hubspot.add_person(&person("Other"));
    let deal = |contact: &str, stage_id: &str| {
        let deal = Deal {
            name: "x".to_owned(),
            stage: stage_id.to_owned(),
            contact: Some(contact.to_owned()),
            ..Deal::default()
        };
        stage.hubspot.add_deal(&deal)
    };
    let old = deal(&ada_there, "appointmentscheduled");
    deal(&ada_there, "closedwon");
    let new = deal(&ada_there, "qualifiedtobuy");
    deal(&ada_there, "closedlost");
    deal(&other, "appointmentscheduled");
    let found = stage.adapter().find(&ada(), &BY).await.unwrap();
    assert_eq!(found, [Match { contact: ada_there, open_deals: vec![new, old] }]);
}

#[tokio::test]
async fn whoever_was_just_made_is_found_by_their_email_though_the_search_does_not_know_them() {
    let stage = stage_with(Options { search_lag: NEVER, ..Options::default() }, json!({})).await;
    let adapter = stage.adapter();
    let made = adapter.create_contact(&ada()).await.unwrap();
    assert_eq!(ids(&adapter.find(&ada(), &BY).await.unwrap()), [&made]);
}

#[tokio::test]
async fn with_a_unique_property_for_telegram_people_without_an_email_are_made_once_and_found_at_once() {
    let options = Options { search_lag: NEVER, ..Options::default() };
    let stage = stage_with(options, json!({ "telegram_field": "telegram_key" })).await;
    let adapter = stage.adapter();
    let without = Contact { email: pii(""), ..ada() };
    stage.hubspot.faults().writes([Some(DoneAndCut)]);
    let sent = adapter.create_contact(&without).await;
    assert!(matches!(sent, Err(Trouble::Unknown(_))), "{sent:?}");
    let found = adapter.find(&without, &[FindBy::Telegram]).await.unwrap();
    let made = adapter.create_contact(&without).await.unwrap();
    assert_eq!(ids(&found), [&made]);
    assert_eq!(stage.hubspot.people().len(), 1);
    assert_eq!(stage.hubspot.people()[0].fields["telegram_key"], "7");
}

#[tokio::test]
async fn an_email_that_is_none_leads_to_nobody() {
    let stage = stage().await;
    let adapter = stage.adapter();
    for email in ["ada at home", "../deals", "%", "a?b=c#d"] {
        let contact = Contact { email: pii(email), ..Contact::default() };
        assert_eq!(adapter.find(&contact, &BY).await.unwrap(), [], "{email}");
    }
    // HubSpot has no person with such an address, whatever it says of it.
    stage.hubspot.faults().reads([Some(Status(400))]);
    assert_eq!(adapter.find(&ada(), &[FindBy::Email]).await.unwrap(), []);
}

#[tokio::test]
async fn a_property_for_telegram_that_is_not_there_is_named() {
    let stage = stage_with(Options::default(), json!({ "telegram_field": "tg" })).await;
    let adapter = stage.adapter();
    let refused = adapter.find(&ada(), &[FindBy::Telegram]).await;
    assert!(
        matches!(&refused, Err(trouble @ Trouble::Rejected { status: 400, .. }) if trouble.note().expose().contains("tg")),
        "{refused:?}"
    );
    let refused = adapter.create_contact(&ada()).await;
    let Err(Trouble::Rejected { faults, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(faults[0].field.as_deref(), Some("telegram"));
}
