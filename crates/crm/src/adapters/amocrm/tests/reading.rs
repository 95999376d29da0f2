//! The schema, and how fast the account is read.

use testkit::crms::Deal;

use super::*;
use crate::domain::schema::{Ended, FieldKind, Named, Stage};

#[tokio::test]
async fn the_schema_has_every_field_stage_and_person_that_can_be_named() {
    let account = account().await;
    let schema = account.adapter.schema().await.unwrap();
    assert_eq!((schema.account.as_str(), schema.currency.as_str()), ("Acme", "RUB"));
    assert_eq!(schema.deal_fields.len(), 64, "they come on two pages");
    let field = |id: &str| schema.deal_fields.iter().find(|field| field.id == id).unwrap();
    let named = |id: &str, name: &str| Named { id: id.to_owned(), name: name.to_owned() };
    let hot = field("901");
    assert_eq!((hot.kind, hot.name.as_str()), (FieldKind::Choice, "Temperature"));
    assert_eq!(hot.choices, [named("9011", "hot"), named("9012", "warm"), named("9013", "cold")]);
    let kinds = ["902", "903", "904", "905", "906", "907", "908"].map(|id| field(id).kind);
    use FieldKind::{Choices, Date, Flag, Link, Number, Other, Text};
    assert_eq!(kinds, [Number, Date, Flag, Text, Choices, Link, Other]);
    assert!(field("909").read_only && field("909").kind == Other);
    assert_eq!((field("914").code.as_str(), field("914").kind), ("UTM_SOURCE", Text));
    let codes: Vec<&str> = schema.contact_fields.iter().map(|field| field.code.as_str()).collect();
    assert_eq!(codes, ["PHONE", "EMAIL", "", "", "IM"]);

    let names: Vec<&str> = schema.pipelines.iter().map(|pipeline| pipeline.name.as_str()).collect();
    assert_eq!(names, ["Sales", "Repair"], "the one that is put away can not be named");
    let stage = |id: &str, name: &str, ended| Stage { id: id.to_owned(), name: name.to_owned(), ended };
    let stages = [
        stage("1111", "New", None),
        stage("1112", "Talks", None),
        stage("142", "Won", Some(Ended::Won)),
        stage("143", "Lost", Some(Ended::Lost)),
    ];
    assert_eq!(schema.pipelines[0].stages, stages);
    assert_eq!(schema.people, [named("331", "Anna"), named("332", "Boris")]);
}

#[tokio::test]
async fn many_calls_at_once_do_not_come_too_fast() {
    // Five a second, as the settings have it, where the account takes seven.
    let limit = Limit { key: "crm:sales".to_owned(), per: Duration::from_millis(200), burst: 2 };
    let account = account_under(limit, Options::default(), |_| {}).await;
    let deal = account.crm.add_deal(&Deal::default());
    let all = (0..14).map(|_| account.adapter.has_note(&deal, "note-1"));
    for outcome in futures::future::join_all(all).await {
        assert!(!outcome.unwrap());
    }
    let calls = account.crm.calls();
    assert_eq!((calls.of("GET"), calls.too_many), (14, 0));
}
