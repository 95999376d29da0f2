//! People are found by what identifies them, and by nothing less.

use testkit::crms::{Deal, Person};

use super::*;
use crate::domain::deal::Match;

const ALL: &[FindBy] = &[FindBy::Telegram, FindBy::Phone, FindBy::Email];

fn person(phones: &[&str], emails: &[&str], telegram: &str) -> Person {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let telegram = Some(("953".to_owned(), telegram.to_owned())).filter(|(_, id)| !id.is_empty());
    let fields = telegram.into_iter().collect();
    Person {
        name: "Ada".to_owned(),
        phones: texts(phones),
        emails: texts(emails),
        fields,
        ..Person::default()
    }
}

#[tokio::test]
async fn a_person_is_found_by_a_telephone_however_it_is_written() {
    let account = account().await;
    account.crm.add_person(&person(&["+7 (495) 987-65-43"], &[], ""));
    let at_home = account.crm.add_person(&person(&["8 (912) 987-65-43"], &[], ""));
    let abroad = account.crm.add_person(&person(&["+7 800 555-35-35", "+7 (912) 987-65-43"], &[], ""));
    let found = account.adapter.find(&ada(), &[FindBy::Phone]).await.unwrap();
    let ids: Vec<&String> = found.iter().map(|found| &found.contact).collect();
    assert_eq!(ids, [&at_home, &abroad], "the other number ends in the same digits");
}

#[tokio::test]
async fn people_come_in_the_order_of_what_they_are_looked_for_by_and_none_twice() {
    let account = account().await;
    let by_email = account.crm.add_person(&person(&[], &["Ada@B.example"], ""));
    let by_all = account.crm.add_person(&person(&["79129876543"], &["ada@b.example"], "7000001"));
    account.crm.add_person(&person(&[], &["xada@b.example"], "70000012"));
    let found = async |by: &[FindBy]| -> Vec<String> {
        let found = account.adapter.find(&ada(), by).await.unwrap();
        found.into_iter().map(|found| found.contact).collect()
    };
    assert_eq!(found(ALL).await, [by_all.clone(), by_email.clone()]);
    assert_eq!(found(&[FindBy::Email]).await, [by_email, by_all]);
    assert!(found(&[]).await.is_empty());
}

#[tokio::test]
async fn open_deals_come_with_their_person_the_newest_first() {
    let account = account().await;
    let ada_there = account.crm.add_person(&person(&["79129876543"], &[], ""));
    let of =
        |stage: i64| Deal { contact: Some(ada_there.clone()), stage: stage.to_string(), ..Deal::default() };
    let old = account.crm.add_deal(&of(ids_of::SALES_FIRST));
    account.crm.add_deal(&of(ids_of::WON));
    let new = account.crm.add_deal(&of(ids_of::SALES_TALKS));
    account.crm.add_deal(&of(ids_of::LOST));
    account.crm.add_deal(&Deal::default());
    let found = account.adapter.find(&ada(), ALL).await.unwrap();
    assert_eq!(found, [Match { contact: ada_there, open_deals: vec![new, old] }]);
}

#[tokio::test]
async fn nobody_is_found_where_nobody_is_and_nothing_asked_where_nothing_is_known() {
    let account = account_with(quick(), |config| config.telegram_field.clear()).await;
    assert!(account.adapter.find(&ada(), ALL).await.unwrap().is_empty());
    let before = account.crm.calls().lines.len();
    let unknown =
        Contact { phone: pii("123"), email: pii("none"), telegram_user_id: 7, ..Contact::default() };
    assert!(account.adapter.find(&unknown, ALL).await.unwrap().is_empty());
    assert_eq!(account.crm.calls().lines.len(), before);
}
