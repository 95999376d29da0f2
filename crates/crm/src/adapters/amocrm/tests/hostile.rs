//! Answers of any shape: the account is not ours, and neither is what stands between.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::catalogue::Known;
use super::super::{mark, reading, value};

/// What amoCRM has under the keys that are read, and what it has not.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("905")),
    ];
    let keys = [
        "id",
        "name",
        "code",
        "type",
        "enums",
        "value",
        "values",
        "field_id",
        "custom_fields_values",
        "is_computed",
        "params",
        "text",
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        let key = prop::sample::select(keys.to_vec()).prop_map(str::to_owned);
        let object = prop::collection::vec((key, inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|pairs| pairs.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn an_answer_of_any_shape_is_read_without_panic(answer in anything(), text in "\\PC{0,40}") {
        for at in ["/id", "/name", "/values/0/value", ""] {
            let _ = (reading::number(&answer, at), reading::is_true(&answer, at), reading::list(&answer, at));
            prop_assert!(reading::line(&answer, at).chars().count() <= 300);
        }
        let _ = mark::values(&answer, "905").count();
        if let Some(field) = Known::read(&answer) {
            let _ = (field.field(), field.is(&text), value::of(&field, &text));
        }
    }

    #[test]
    fn a_date_is_taken_only_in_its_form(text in "[0-9+-]{0,12}") {
        let field = Known { kind: "date".to_owned(), ..Known::default() };
        let is_taken = value::of(&field, &text).is_ok();
        let form = text.len() == 10 && text.match_indices('-').map(|(at, _)| at).eq([4, 7]) && !text.contains('+');
        prop_assert!(!is_taken || form, "{text}");
    }
}
