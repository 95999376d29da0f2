//! A model's text read as a reply: what to say, what it rests on, or that it knows nothing.

use super::answer::Reply;
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
    let (text, cited) = without_marks(text, shown.len());
    let text = plain_text::of_markdown(&text);
    if text.is_empty() {
        return Reply::Empty("the model wrote nothing but marks");
    }
    let mut citations: Vec<String> = Vec::new();
    for source in cited.into_iter().filter_map(|number| shown.get(number - 1)) {
        if !citations.contains(&source.title) {
            citations.push(source.title.clone());
        }
    }
    Reply::Text { text, citations }
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
        let numbers = after.split_once(']').and_then(|(inside, behind)| {
            let inside = inside.trim_start_matches(|c: char| c.is_alphabetic() || c == ' ' || c == '#');
            let numbers: Option<Vec<usize>> =
                inside.split([',', ';']).map(|n| n.trim().parse().ok()).collect();
            // `[1](address)` is a link.
            numbers.filter(|_| !behind.starts_with('(')).map(|numbers| (numbers, behind))
        });
        match numbers {
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

#[cfg(test)]
mod tests {
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

    fn text(text: &str, citations: &[&str]) -> Reply {
        Reply::Text { text: text.to_owned(), citations: citations.iter().map(|c| (*c).to_owned()).collect() }
    }

    #[test]
    fn marks_become_citations_once_each() {
        assert_eq!(
            read("A bot is from $5k [1][3]. Half in advance [2, 9].", &sources()),
            text("A bot is from $5k. Half in advance.", &["Prices", "Terms"])
        );
        assert_eq!(read("Hello! [Source 2]", &sources()), text("Hello!", &["Terms"]));
        assert_eq!(read("**Да**, [сайт](https://a.b)", &sources()), text("Да, сайт (https://a.b)", &[]));
        assert_eq!(read("array[i] and [x]", &sources()), text("array[i] and [x]", &[]));
    }

    #[test]
    fn knowing_nothing_and_saying_nothing_are_told_apart() {
        assert_eq!(read("NO_ANSWER", &sources()), Reply::Unknown);
        assert_eq!(read("Sorry. **NO_ANSWER**.", &sources()), Reply::Unknown);
        assert_eq!(read("<think>hm, NO_ANSWER?</think>\n\nYes.", &sources()), text("Yes.", &[]));
        assert!(matches!(read("<think>and so on", &sources()), Reply::Empty(_)));
        assert!(matches!(read(" \n ", &sources()), Reply::Empty(_)));
        assert!(matches!(read("[1]", &sources()), Reply::Empty(_)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(written in ".{0,200}") {
            let _ = read(&written, &sources());
        }
    }
}
