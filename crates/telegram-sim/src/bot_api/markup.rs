//! Checks a `reply_markup` as the real server does.

use serde_json::Value;

use super::params::Params;
use super::reply::ApiError;
use crate::state::Keyboard;
use crate::text::checked_url;

/// What a bot attached to its message.
#[derive(Debug)]
pub(crate) enum Markup {
    Inline(Value),
    Keyboard(Keyboard),
}

/// Buttons in one keyboard.
const MOST_BUTTONS: usize = 100;

pub(crate) fn read(params: &Params, private: bool) -> Result<Option<Markup>, ApiError> {
    let Some(value) = params
        .json("reply_markup")
        .map_err(|_| ApiError::bad("Can't parse reply keyboard markup JSON object"))?
    else {
        return Ok(None);
    };
    let Some(object) = value.as_object() else {
        return Err(ApiError::bad("Object expected as reply markup"));
    };
    if let Some(keyboard) = object.get("keyboard") {
        let count =
            each_button(keyboard, "Field \"keyboard\" must be an Array of Arrays", "keyboard button", |b| {
                reply_button(b, private)
            })?;
        if count > 300 {
            return Err(ApiError::bad("reply markup is too long"));
        }
        return Ok(Some(Markup::Keyboard(Keyboard(value.into_owned()))));
    }
    if let Some(inline) = object.get("inline_keyboard") {
        let shape = "Field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays";
        let count = each_button(inline, shape, "inline keyboard button", inline_button)?;
        if count > MOST_BUTTONS {
            return Err(ApiError::bad("reply markup is too long"));
        }
        // An empty keyboard is no keyboard.
        return Ok((count > 0).then(|| Markup::Inline(serde_json::json!({ "inline_keyboard": inline }))));
    }
    let said = |name: &str| object.get(name).and_then(Value::as_bool) == Some(true);
    if said("remove_keyboard") || said("force_reply") {
        return Ok(Some(Markup::Keyboard(Keyboard(value.into_owned()))));
    }
    Ok(None)
}

/// Only an inline keyboard can be put on an existing message.
pub(crate) fn read_inline(params: &Params) -> Result<Option<Value>, ApiError> {
    match read(params, true)? {
        None => Ok(None),
        Some(Markup::Inline(value)) => Ok(Some(value)),
        Some(Markup::Keyboard(_)) => Err(ApiError::bad("Inline keyboard expected")),
    }
}

fn each_button(
    rows: &Value,
    shape: &str,
    name: &str,
    check: impl Fn(&Value) -> Result<(), ButtonError>,
) -> Result<usize, ApiError> {
    let rows = rows.as_array().ok_or_else(|| ApiError::bad(shape))?;
    let mut count = 0;
    for row in rows {
        for button in row.as_array().ok_or_else(|| ApiError::bad(shape))? {
            count += 1;
            check(button).map_err(|error| match error {
                ButtonError::Shape(text) => ApiError::bad(&format!("Can't parse {name}: {text}")),
                ButtonError::Content(text) => ApiError::bad(&text),
            })?;
        }
    }
    Ok(count)
}

/// A button that can not be read, or one that may not be sent.
enum ButtonError {
    Shape(String),
    Content(String),
}

fn label(button: &Value, kind: &str) -> Result<(), ButtonError> {
    let text =
        button.get("text").ok_or_else(|| ButtonError::Shape("Can't find field \"text\"".to_owned()))?;
    let text = text
        .as_str()
        .ok_or_else(|| ButtonError::Shape("Field \"text\" must be of type String".to_owned()))?;
    if text.trim().is_empty() {
        return Err(ButtonError::Content(format!("{kind} button text must be non-empty")));
    }
    match button.get("style").and_then(Value::as_str) {
        None | Some("" | "default" | "primary" | "success" | "danger") => Ok(()),
        Some(_) => Err(ButtonError::Shape("invalid button style specified".to_owned())),
    }
}

fn reply_button(button: &Value, private: bool) -> Result<(), ButtonError> {
    if button.is_string() {
        return Ok(());
    }
    if !button.is_object() {
        return Err(ButtonError::Shape("KeyboardButton must be a String or an Object".to_owned()));
    }
    label(button, "Keyboard")?;
    for (field, what) in [("request_contact", "Phone number"), ("request_location", "Location")] {
        if !private && button.get(field).and_then(Value::as_bool) == Some(true) {
            return Err(ButtonError::Content(format!("{what} can be requested in private chats only")));
        }
    }
    Ok(())
}

fn inline_button(button: &Value) -> Result<(), ButtonError> {
    if !button.is_object() {
        return Err(ButtonError::Shape("InlineKeyboardButton must be an Object".to_owned()));
    }
    label(button, "Inline keyboard")?;
    let text = |name: &str| button.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(url) = text("url") {
        let fine = checked_url(url).is_some();
        let wrong =
            || ButtonError::Content(format!("Inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"));
        return if fine { Ok(()) } else { Err(wrong()) };
    }
    if let Some(data) = text("callback_data") {
        let fits = data.len() <= 64;
        return if fits { Ok(()) } else { Err(ButtonError::Content("BUTTON_DATA_INVALID".to_owned())) };
    }
    if let Some(copy) = button.get("copy_text") {
        let length = copy.get("text").and_then(Value::as_str).map(crate::text::utf16_len).unwrap_or_default();
        let fits = (1..=256).contains(&length);
        return if fits { Ok(()) } else { Err(ButtonError::Content("BUTTON_COPY_TEXT_INVALID".to_owned())) };
    }
    const OTHERS: [&str; 7] = [
        "callback_game",
        "pay",
        "switch_inline_query",
        "switch_inline_query_chosen_chat",
        "switch_inline_query_current_chat",
        "login_url",
        "web_app",
    ];
    if OTHERS.iter().any(|name| button.get(name).is_some()) {
        return Ok(());
    }
    Err(ButtonError::Shape("Text buttons are unallowed in the inline keyboard".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markup: &str) -> Result<Option<Markup>, String> {
        let mut params = Params::default();
        params.values.insert("reply_markup".to_owned(), Value::String(markup.to_owned()));
        read(&params, true).map_err(|error| error.description.into_owned())
    }

    fn button(body: &str) -> String {
        format!(r#"{{"inline_keyboard":[[{{"text":"x",{body}}}]]}}"#)
    }

    #[test]
    fn callback_data_counts_bytes() {
        assert!(check(&button(&format!(r#""callback_data":"{}""#, "я".repeat(32)))).is_ok());
        let long = check(&button(&format!(r#""callback_data":"{}""#, "я".repeat(33))));
        assert_eq!(long.unwrap_err(), "Bad Request: BUTTON_DATA_INVALID");
    }

    #[test]
    fn each_mistake_has_the_servers_text() {
        for (markup, error) in [
            ("{", "Bad Request: can't parse reply keyboard markup JSON object"),
            ("[]", "Bad Request: object expected as reply markup"),
            (r#"{"keyboard":["a"]}"#, "Bad Request: field \"keyboard\" must be an Array of Arrays"),
            (
                r#"{"inline_keyboard":[[{"text":"x"}]]}"#,
                "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            ),
            (
                r#"{"inline_keyboard":[[{"callback_data":"x"}]]}"#,
                "Bad Request: can't parse inline keyboard button: Can't find field \"text\"",
            ),
            (
                r#"{"inline_keyboard":[[{"text":"x","url":"javascript:alert(1)"}]]}"#,
                "Bad Request: inline keyboard button URL 'javascript:alert(1)' is invalid: Wrong HTTP URL",
            ),
        ] {
            assert_eq!(check(markup).unwrap_err(), error, "{markup}");
        }
    }
}
