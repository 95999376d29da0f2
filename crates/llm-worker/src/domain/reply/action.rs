//! What a model says is to happen next: a last line of its own, `@handoff`. No person is ever shown such a line, however
//! it is spelt.

use crate::domain::answer::Action;

const WORDS: [(&str, Action); 4] = [
    ("continue", Action::Continue),
    ("clarify", Action::Clarify),
    ("handoff", Action::Handoff),
    ("resolve", Action::Resolve),
];

/// What a line orders; `None` where it is one of the words for the person. `**@Hand-off**`, `> @resolve.` and
/// "@handoff: they want a contract" are orders too.
pub(crate) fn of_line(line: &str) -> Option<Action> {
    let line = line.trim_start_matches(|c: char| c != '@' && c != '＠' && !c.is_alphanumeric());
    let said = line.strip_prefix(['@', '＠'])?;
    let word: String = said
        .chars()
        .filter(|c| !is_between(*c))
        .take_while(|c| c.is_alphanumeric())
        .take(8)
        .flat_map(char::to_lowercase)
        .collect();
    WORDS.iter().find(|(known, _)| word.starts_with(known)).map(|(_, action)| *action)
}

/// The text without such lines, and the last of their orders. One that stands behind the last sentence instead of below
/// it counts too.
pub(super) fn taken_from(text: &str) -> (String, Option<Action>) {
    let mut action = None;
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        match of_line(line) {
            Some(said) => action = Some(said),
            None => lines.push(line),
        }
    }
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let mut text = lines.join("\n");
    while let Some((at, said)) = behind(&text) {
        text.truncate(at);
        text.truncate(text.trim_end().len());
        action = action.or(Some(said));
    }
    (text.trim().to_owned(), action)
}

/// An order as the last word of a text, and where it begins.
fn behind(text: &str) -> Option<(usize, Action)> {
    let (_, word) = text.rsplit_once(char::is_whitespace)?;
    Some((text.len() - word.len(), of_line(word)?))
}

/// Signs that stand inside of a word which is misspelt: `@hand-off`, `@**handoff**`, `@hand off`.
const fn is_between(c: char) -> bool {
    matches!(
        c,
        '-' | '_' | '*' | '`' | '~' | ' ' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn orders_are_read_however_they_are_spelt() {
        for line in [
            "@handoff",
            " @HandOff ",
            "**@handoff**",
            "`@handoff`",
            "> @handoff",
            "- @handoff.",
            "@hand-off",
            "@Hand off",
            "@hand_off!",
            "@handoff: they want a contract",
            "＠handoff",
            "\u{200b}@handoff",
            "[@handoff](x)",
            "@\u{200b}handoff",
            "### @HANDOFF",
        ] {
            assert_eq!(of_line(line), Some(Action::Handoff), "{line}");
        }
        for (line, action) in
            [("@continue", Action::Continue), ("@CLARIFY", Action::Clarify), ("@resolved", Action::Resolve)]
        {
            assert_eq!(of_line(line), Some(action), "{line}");
        }
    }

    #[test]
    fn words_for_the_person_are_none() {
        for line in [
            "Write to @dev2production.",
            "@anna",
            "handoff",
            "We continue @ 9.",
            "a@continue.com",
            "@",
            "@con",
            "",
            "Пишите @handoff_team в чат, если что.",
        ] {
            assert_eq!(of_line(line), None, "{line}");
        }
    }

    #[test]
    fn the_last_order_counts_and_none_of_them_stays() {
        let taken = |text: &str| taken_from(text);
        assert_eq!(taken("Yes.\n\n@clarify"), ("Yes.".to_owned(), Some(Action::Clarify)));
        assert_eq!(taken("@continue\nYes.\n@resolve\n"), ("Yes.".to_owned(), Some(Action::Resolve)));
        assert_eq!(
            taken("Позову инженера. @handoff"),
            ("Позову инженера.".to_owned(), Some(Action::Handoff))
        );
        assert_eq!(taken("Yes.\u{2003}**@handoff**").1, Some(Action::Handoff));
        assert_eq!(taken("Yes."), ("Yes.".to_owned(), None));
        assert_eq!(taken("@handoff"), (String::new(), Some(Action::Handoff)));
    }

    proptest! {
        #[test]
        fn no_order_is_left(text in "([@＠*_`> \n.-]|continue|ClariFY|hand|off|resolve|[a-zа-я]){0,40}") {
            let (left, _) = taken_from(&text);
            prop_assert!(left.lines().all(|line| of_line(line).is_none()), "{:?}", left);
        }
    }
}
