//! Whether what stands in a field is what was put there: a CRM gives it back in a form of its own.

use serde_json::Value;

/// Figures as figures, and what is alone in a list as itself.
pub(super) fn is_same(there: &Value, sent: &Value) -> bool {
    let (there, sent) = (text(there), text(sent));
    let figure = |text: &str| text.parse::<f64>().ok().filter(|figure| figure.is_finite());
    match (figure(&there), figure(&sent)) {
        (Some(there), Some(sent)) => (there - sent).abs() < 1e-9,
        _ => there == sent,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace('\r', "").trim().to_owned(),
        Value::Bool(true) => "Y".to_owned(),
        Value::Bool(false) => "N".to_owned(),
        Value::Null => String::new(),
        Value::Array(all) => match &all[..] {
            [one] => text(one),
            all => all.iter().map(text).collect::<Vec<_>>().join("\u{1f}"),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_comes_back_in_another_form_is_the_same_and_what_a_person_wrote_is_not() {
        for (there, sent) in [
            (json!("50"), json!(50)),
            (json!(50.0), json!("50")),
            (json!(["warm"]), json!("warm")),
            (json!(true), json!("Y")),
            (json!("a\r\nb "), json!("a\nb")),
            (json!(null), json!("")),
        ] {
            assert!(is_same(&there, &sent), "{there} {sent}");
        }
        for (there, sent) in [
            (json!("51"), json!(50)),
            (json!(null), json!("warm")),
            (json!(["warm", "hot"]), json!("warm")),
            (json!("warm?"), json!("warm")),
            (json!({}), json!("")),
        ] {
            assert!(!is_same(&there, &sent), "{there} {sent}");
        }
    }
}
