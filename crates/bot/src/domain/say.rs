//! Texts and buttons of the folder, made ready to be sent.

use bot_folder::{Lang, MenuButton};

use super::{Button, Target};

/// Telegram's limit for the data of a button. The folder's check keeps to it.
const DATA_BYTES: usize = 64;

impl Button {
    pub(super) fn callback(label: &str, data: &str) -> Self {
        let mut data = data.to_owned();
        while data.len() > DATA_BYTES {
            data.pop();
        }
        Self { label: label.to_owned(), target: Target::Callback(data) }
    }
}

/// The rows of a page; a button that does nothing is left out.
pub(super) fn rows(rows: &[Vec<MenuButton>], lang: Lang) -> Vec<Vec<Button>> {
    let button = |button: &MenuButton| {
        let label = button.label.get(lang);
        match (&button.action, &button.url) {
            (Some(action), _) => Some(Button::callback(label, &action.to_string())),
            (None, Some(url)) => Some(Button { label: label.to_owned(), target: Target::Url(url.clone()) }),
            (None, None) => None,
        }
    };
    rows.iter()
        .map(|row| row.iter().filter_map(button).collect::<Vec<_>>())
        .filter(|row| !row.is_empty())
        .collect()
}

/// Puts values in the place of `{names}`. One pass, so that a value is never searched for names; a name
/// that is not given stands for nothing.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(value);
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A first name as it may stand in a sentence: one line, not too long.
pub(super) fn first_name(name: &str) -> String {
    let line = name.split(char::is_control).next().unwrap_or_default().trim();
    line.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_searched_for_names() {
        assert_eq!(fill("Hi{, name}! {x} {", &[(", name", ", {bot}"), ("bot", "B")]), "Hi, {bot}!  {");
    }
}
