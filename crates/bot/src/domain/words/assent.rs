//! Yes and no: said to a question of the bot's that has no choices of its own, and inside a text.

use super::words;

/// Whether a word, or its stem, turns what follows into its opposite. Of "isn't" only the "t" is a word of its own.
pub(crate) fn is_denial(word: &str) -> bool {
    matches!(
        word,
        "not"
            | "no"
            | "never"
            | "without"
            | "t"
            | "isnt"
            | "dont"
            | "doesnt"
            | "cannot"
            | "не"
            | "ни"
            | "без"
    )
}

/// What a short text says to the question before it; none where it says something else.
pub(crate) fn assent(text: &str) -> Option<bool> {
    let said = words(text);
    let said = said.iter().map(String::as_str).collect::<Vec<_>>();
    match said.as_slice() {
        [] => mark(text),
        // "yes please", "да, давайте", "no thanks", "нет, спасибо"
        [first]
        | [first, "please" | "thanks" | "давайте" | "давай" | "конечно" | "спасибо" | "пожалуйста"] => {
            word(first)
        }
        ["of", "course"] | ["go", "ahead"] | ["why", "not"] => Some(true),
        ["not", "now"] | ["не", "надо" | "хочу" | "сейчас"] => Some(false),
        _ => None,
    }
}

fn word(word: &str) -> Option<bool> {
    match word {
        "yes" | "y" | "yep" | "yeah" | "yup" | "sure" | "ok" | "okay" | "да" | "ага" | "угу" | "конечно"
        | "давай" | "давайте" | "ок" | "хорошо" => Some(true),
        "no" | "n" | "nope" | "nah" | "нет" | "неа" => Some(false),
        _ => None,
    }
}

/// A text of signs alone.
fn mark(text: &str) -> Option<bool> {
    match text.trim().trim_end_matches(|c| ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)) {
        "+" | "👍" | "👌" | "✅" => Some(true),
        "-" | "–" | "👎" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_are_heard_and_other_things_are_not() {
        for yes in ["yes", "Yes!", "Да", "да, давайте", "+", "👍🏽", "ok", "of course", "ага"]
        {
            assert_eq!(assent(yes), Some(true), "{yes}");
        }
        for no in ["No", "нет", "no thanks", "Нет, спасибо.", "-", "не сейчас"] {
            assert_eq!(assent(no), Some(false), "{no}");
        }
        for other in ["yes but how much is it?", "да вы что", "no idea", "", "🙂", "нет времени"]
        {
            assert_eq!(assent(other), None, "{other}");
        }
    }
}
