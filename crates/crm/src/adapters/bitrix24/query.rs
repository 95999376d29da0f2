//! Parameters of a call in a batch.

use serde_json::Value;

/// As PHP reads them: `fields[fm][0][value]=…`
pub(super) fn query(params: &Value) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    let mut rest: Vec<(String, &Value)> = vec![(String::new(), params)];
    while let Some((path, value)) = rest.pop() {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}[{key}]") };
        match value {
            Value::Object(map) => rest.extend(map.iter().rev().map(|(key, value)| (below(key), value))),
            Value::Array(all) => {
                rest.extend(
                    all.iter().enumerate().rev().map(|(nth, value)| (below(&nth.to_string()), value)),
                );
            }
            Value::String(text) => drop(pairs.append_pair(&path, text)),
            Value::Null => drop(pairs.append_pair(&path, "")),
            other => drop(pairs.append_pair(&path, &other.to_string())),
        }
    }
    pairs.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_of_a_batch_can_not_break_out_of_their_place() {
        let params = json!({ "filter": { "=email": "a&start=1@b.c +7" }, "select": ["id", "title"], "n": 1 });
        let wanted = "filter%5B%3Demail%5D=a%26start%3D1%40b.c+%2B7&n=1&select%5B0%5D=id&select%5B1%5D=title";
        assert_eq!(query(&params), wanted);
    }
}
