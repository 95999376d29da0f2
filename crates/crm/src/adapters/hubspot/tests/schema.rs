use super::*;
use crate::domain::schema::{Ended, Field, FieldKind};

#[tokio::test]
async fn the_schema_is_what_the_account_has() {
    let stage = stage().await;
    let schema = stage.adapter().schema().await.unwrap();
    assert_eq!((schema.account.as_str(), schema.currency.as_str()), ("145", "EUR"));

    let field = |all: &[Field], id: &str| all.iter().find(|field| field.id == id).unwrap().clone();
    for (id, kind, is_read_only) in [
        ("dealname", FieldKind::Text, false),
        ("amount", FieldKind::Number, false),
        ("budget", FieldKind::Choice, false),
        ("services", FieldKind::Choices, false),
        ("start_date", FieldKind::Date, false),
        ("closedate", FieldKind::Date, false),
        ("is_urgent", FieldKind::Flag, false),
        ("dealstage", FieldKind::Other, false),
        ("hs_is_closed", FieldKind::Flag, true),
        ("createdate", FieldKind::Date, true),
    ] {
        let field = field(&schema.deal_fields, id);
        assert_eq!((field.kind, field.read_only), (kind, is_read_only), "{id}");
    }
    let budget = field(&schema.deal_fields, "budget");
    let choices: Vec<(&str, &str)> =
        budget.choices.iter().map(|choice| (choice.id.as_str(), choice.name.as_str())).collect();
    assert_eq!(choices[0], ("up_to_5k", "Up to 5 000"));
    assert_eq!((budget.name.as_str(), choices.len()), ("Budget", 3));
    assert_eq!(field(&schema.contact_fields, "phone").kind, FieldKind::Text);

    let pipelines: Vec<&str> = schema.pipelines.iter().map(|pipeline| pipeline.id.as_str()).collect();
    assert_eq!(pipelines, ["default", "partners"], "in the order in which people see them");
    let stages: Vec<(&str, Option<Ended>)> =
        schema.pipelines[0].stages.iter().map(|stage| (stage.id.as_str(), stage.ended)).collect();
    let wanted = [
        ("appointmentscheduled", None),
        ("qualifiedtobuy", None),
        ("closedwon", Some(Ended::Won)),
        ("closedlost", Some(Ended::Lost)),
    ];
    assert_eq!(stages, wanted);

    let people: Vec<(&str, &str)> =
        schema.people.iter().map(|person| (person.id.as_str(), person.name.as_str())).collect();
    assert_eq!(people, [("41629779", "Grace Hopper"), ("41629780", "desk@example.com")]);
}
