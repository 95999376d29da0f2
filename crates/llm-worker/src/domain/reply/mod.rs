//! A model's text read as a reply: what to say, what it rests on and what is to happen next, or that it knows nothing.

pub(crate) mod action;

use super::answer::{Action, Reply};
use super::cover::Cover;
use super::plain_text;
use super::prompt::NO_ANSWER;
use super::question::Source;

/// Reads what a model wrote. `shown` are the sources in the order they were numbered, from 1.
pub(crate) fn read(written: &str, shown: &[Source]) -> Reply {
    let text = without_thoughts(written).trim();
    if text.is_empty() {
        return Reply::Empty("the model wrote nothing");
    }
    // Some add a sentence of excuse; the word itself is for nobody's eyes.
    if text.contains(NO_ANSWER) {
        return Reply::Unknown;
    }
    let (text, ordered) = action::taken_from(text);
    let cover = Cover::of(&text, shown);
    let (text, cited) = without_marks(&text, shown.len());
    // What stood behind a mark or inside of a link may begin a line now.
    let (text, late) = action::taken_from(&plain_text::of_markdown(&text));
    let ordered = ordered.or(late);
    if text.is_empty() {
        return match ordered {
            Some(Action::Handoff) => Reply::Unknown,
            _ => Reply::Empty("the model wrote nothing but marks"),
        };
    }
    let mut citations: Vec<String> = Vec::new();
    for source in cited.into_iter().filter_map(|number| shown.get(number - 1)) {
        if !citations.contains(&source.title) {
            citations.push(source.title.clone());
        }
    }
    Reply::Text { text, citations, action: ordered.unwrap_or_default(), cover }
}

/// Reasoning models of one's own often write their thoughts before the answer.
fn without_thoughts(text: &str) -> &str {
    match text.trim_start().strip_prefix("<think>") {
        Some(thoughts) => thoughts.split_once("</think>").map_or("", |(_, answer)| answer),
        None => text,
    }
}

/// The text without `[1]`, `[1, 2]` and `[source 1]`, and the numbers they name, in their order. Brackets
/// that hold anything else, or a number that no source has, are left out of the numbers.
fn without_marks(text: &str, sources: usize) -> (String, Vec<usize>) {
    let mut plain = String::with_capacity(text.len());
    let mut cited = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        plain.push_str(before);
        match mark(after) {
            Some((numbers, behind)) => {
                cited.extend(numbers.into_iter().filter(|number| (1..=sources).contains(number)));
                // The space that stood before the mark goes with it.
                plain.truncate(plain.trim_end_matches(' ').len());
                rest = behind;
            }
            None => {
                plain.push('[');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    (plain, cited)
}

/// The numbers of a mark whose opening bracket stands before `after`, and what stands behind it.
pub(super) fn mark(after: &str) -> Option<(Vec<usize>, &str)> {
    let (inside, behind) = after.split_once(']')?;
    let inside = inside.trim_start_matches(|c: char| c.is_alphabetic() || c == ' ' || c == '#');
    let numbers: Option<Vec<usize>> = inside.split([',', ';']).map(|n| n.trim().parse().ok()).collect();
    // `[1](address)` is a link.
    numbers.filter(|_| !behind.starts_with('(')).map(|numbers| (numbers, behind))
}

#[cfg(test)]
mod tests {
    use super::action::of_line;
    use super::*;
    use crate::domain::question::SourceKind;
    use proptest::prelude::*;

    fn sources() -> Vec<Source> {
        ["Prices", "Terms", "Prices"]
            .map(|title| Source {
                kind: SourceKind::Faq,
                title: title.to_owned(),
                heading: title.to_owned(),
                text: String::new(),
                confidence: 1.0,
            })
            .to_vec()
    }

    /// What is said, what it cites and what is to happen next; none where nothing is said.
    fn said(written: &str) -> Option<(String, Vec<String>, Action)> {
        match read(written, &sources()) {
            Reply::Text { text, citations, action, .. } => Some((text, citations, action)),
            Reply::Unknown | Reply::Empty(_) => None,
        }
    }

    fn text(text: &str, citations: &[&str]) -> Option<(String, Vec<String>, Action)> {
        acting(text, citations, Action::Continue)
    }

    fn acting(text: &str, citations: &[&str], action: Action) -> Option<(String, Vec<String>, Action)> {
        Some((text.to_owned(), citations.iter().map(|c| (*c).to_owned()).collect(), action))
    }

    #[test]
    fn marks_become_citations_once_each() {
        assert_eq!(
            said("A bot is from $5k [1][3]. Half in advance [2, 9]."),
            text("A bot is from $5k. Half in advance.", &["Prices", "Terms"])
        );
        assert_eq!(said("Hello! [Source 2]"), text("Hello!", &["Terms"]));
        assert_eq!(said("**Да**, [сайт](https://a.b)"), text("Да, сайт (https://a.b)", &[]));
        assert_eq!(said("array[i] and [x]"), text("array[i] and [x]", &[]));
    }

    #[test]
    fn knowing_nothing_and_saying_nothing_are_told_apart() {
        assert_eq!(read("NO_ANSWER", &sources()), Reply::Unknown);
        assert_eq!(read("Sorry. **NO_ANSWER**.", &sources()), Reply::Unknown);
        assert_eq!(said("<think>hm, NO_ANSWER?</think>\n\nYes."), text("Yes.", &[]));
        assert!(matches!(read("<think>and so on", &sources()), Reply::Empty(_)));
        assert!(matches!(read(" \n ", &sources()), Reply::Empty(_)));
        assert!(matches!(read("[1]", &sources()), Reply::Empty(_)));
    }

    #[test]
    fn what_is_to_happen_next_is_told_and_not_shown() {
        assert_eq!(said("Which cloud?\n@clarify"), acting("Which cloud?", &[], Action::Clarify));
        assert_eq!(said("Half. [2]\n\n**@Resolve.**"), acting("Half.", &["Terms"], Action::Resolve));
        assert_eq!(said("Зову. [1]\n[1]@handoff"), acting("Зову.", &["Prices"], Action::Handoff));
        assert_eq!(said("Yes.\n@@everybody"), text("Yes.\n@@everybody", &[]));
        // Nobody knows, and a human is wanted: the bot has words of its own for that.
        assert_eq!(read("@handoff", &sources()), Reply::Unknown);
        assert_eq!(read("NO_ANSWER\n@handoff", &sources()), Reply::Unknown);
        assert!(matches!(read("@continue", &sources()), Reply::Empty(_)));
    }

    proptest! {
        #[test]
        fn no_order_is_passed_on(
            written in "(\\[1\\]|[@＠*_`>\\[\\]() \n.-]|<think>|continue|Clarify|hand|off|resolve|[a-zа-я]){0,40}",
        ) {
            if let Reply::Text { text, .. } = read(&written, &sources()) {
                prop_assert!(text.lines().all(|line| of_line(line).is_none()), "{:?}", text);
            }
        }

        #[test]
        fn any_text_is_read_without_panic(written in ".{0,200}") {
            let _ = read(&written, &sources());
        }
    }
}
