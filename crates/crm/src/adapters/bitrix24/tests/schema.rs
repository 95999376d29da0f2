use super::*;
use crate::domain::schema::{Ended, FieldKind, Schema};

fn ids(all: &[crate::domain::schema::Named]) -> Vec<&str> {
    all.iter().map(|one| one.id.as_str()).collect()
}

fn kind(schema: &Schema, id: &str) -> (FieldKind, Vec<String>) {
    let field = schema.deal_fields.iter().find(|field| field.id == id).unwrap();
    (field.kind, field.choices.iter().map(|choice| choice.name.clone()).collect())
}

#[tokio::test]
async fn all_that_can_be_filled_in_is_told_with_what_can_be_chosen() {
    let bench = bench(Options { further_staff: 130, ..Options::default() }).await;
    let schema = bench.adapter.schema().await.unwrap();
    assert_eq!((schema.account.as_str(), schema.currency.as_str()), ("127.0.0.1", "RUB"));
    assert_eq!(kind(&schema, account::BUDGET), (FieldKind::Number, vec![]));
    let choices = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    assert_eq!(kind(&schema, account::SEGMENT), (FieldKind::Choice, choices(&["hot", "warm", "cold"])));
    assert_eq!(kind(&schema, account::CHANNELS).0, FieldKind::Choices);
    assert_eq!(kind(&schema, "sourceId"), (FieldKind::Choice, choices(&["Call", "Website", "Telegram bot"])));
    assert_eq!(kind(&schema, account::BRIEF).0, FieldKind::Other);
    let mark = schema.deal_fields.iter().find(|field| field.id == "originId").unwrap();
    assert!(mark.read_only, "it is where our own mark stands");
    let budget = schema.deal_fields.iter().find(|field| field.id == account::BUDGET).unwrap();
    assert_eq!((budget.code.as_str(), budget.name.as_str()), ("UF_CRM_1700000001", "Budget"));
    assert!(schema.contact_fields.iter().any(|field| field.id == account::CITY));
    let pipelines: Vec<&str> = schema.pipelines.iter().map(|pipeline| pipeline.id.as_str()).collect();
    assert_eq!(pipelines, ["leads", "0", "9"]);
    let ends: Vec<(&str, Option<Ended>)> =
        schema.pipelines[2].stages.iter().map(|stage| (stage.id.as_str(), stage.ended)).collect();
    assert_eq!(ends, [("C9:NEW", None), ("C9:WON", Some(Ended::Won)), ("C9:LOSE", Some(Ended::Lost))]);
    assert_eq!(
        (schema.people.len(), &ids(&schema.people)[..2]),
        (132, &["1", "2"][..]),
        "all pages, and nobody who left"
    );
    assert_eq!(schema.people[0].name, "Anna Orlova");
}

#[tokio::test]
async fn without_the_right_to_name_people_the_rest_is_told() {
    let bench = bench(Options { names_people: false, ..Options::default() }).await;
    let schema = bench.adapter.schema().await.unwrap();
    assert_eq!((schema.people.len(), schema.pipelines.len(), schema.currency.as_str()), (0, 3, "RUB"));
}
