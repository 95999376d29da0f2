//! The parameters of a call, however they came: query, form, JSON or multipart.

use std::borrow::Cow;
use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Map, Value};

/// An uploaded file.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) content: Bytes,
}

/// Values are text unless the body was JSON; readers take both.
#[derive(Debug, Default)]
pub(crate) struct Params {
    pub(crate) values: Map<String, Value>,
    pub(crate) files: HashMap<String, Upload>,
}

impl Params {
    /// Adds `a=b&c=d`.
    pub(crate) fn add_form(&mut self, form: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(form) {
            self.values.insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    /// Adds a JSON object. `false`: it is not one.
    pub(crate) fn add_json(&mut self, json: &[u8]) -> bool {
        match serde_json::from_slice::<Map<String, Value>>(json) {
            Ok(values) if self.values.is_empty() => self.values = values,
            Ok(values) => self.values.extend(values),
            Err(_) => return false,
        }
        true
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Text, or the text of a number or an object; empty when absent.
    pub(crate) fn text(&self, name: &str) -> Cow<'_, str> {
        match self.get(name) {
            None => Cow::Borrowed(""),
            Some(Value::String(text)) => Cow::Borrowed(text),
            Some(other) => Cow::Owned(other.to_string()),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// As the real server reads numbers: outside the range becomes its nearest end.
    pub(crate) fn clamped(&self, name: &str, default: i64, least: i64, most: i64) -> i64 {
        self.integer(name).unwrap_or(default).clamp(least, most)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "1"),
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// A structured value, given as JSON or as its text. Absent and empty are `None`; text that is not
    /// JSON is `Err`.
    pub(crate) fn json(&self, name: &str) -> Result<Option<Cow<'_, Value>>, serde_json::Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Cow::Owned).map(Some),
            Some(value) => Ok(Some(Cow::Borrowed(value))),
        }
    }

    /// The file of this name, or the one that `attach://…` names.
    pub(crate) fn file(&self, name: &str) -> Option<&Upload> {
        self.files.get(name).or_else(|| {
            let text = self.text(name);
            self.files.get(text.strip_prefix("attach://")?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_objects_come_as_text_or_as_json() {
        let mut form = Params::default();
        form.add_form(b"chat_id=5&flag=true&reply_markup=%7B%22a%22%3A1%7D&bad=%7B");
        let mut json = Params::default();
        assert!(json.add_json(br#"{"chat_id":5,"flag":true,"reply_markup":{"a":1},"text":null}"#));
        for params in [&form, &json] {
            assert_eq!(params.integer("chat_id"), Some(5));
            assert!(params.flag("flag"));
            assert_eq!(params.json("reply_markup").unwrap().unwrap()["a"], 1);
        }
        assert!(form.json("bad").is_err());
        assert!(!json.has("text"));
        assert!(!Params::default().add_json(b"[1]"));
    }
}
