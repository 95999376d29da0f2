//! The questions of a gap as what they are found by later: the words beside their answer, and its heading.

use std::collections::HashSet;

use super::likeness::Shape;
use crate::domain::mask::masks_in;

/// Questions beside an answer at most; further ones ask nearly the same, and among too many words every question
/// finds one of its own.
const MOST_BESIDE: usize = 20;
/// Characters of a heading: a line or two of a telephone.
const MOST_OF_HEADING: usize = 120;

/// The questions as they stand beside their answer, searched and never shown: each in a line, those of the same words
/// once, without masks.
pub(crate) fn beside(questions: &[String]) -> String {
    let mut known = HashSet::new();
    let bare = questions.iter().map(|question| bare(question)).filter(|question| !question.is_empty());
    let new = bare.filter(|question| known.insert(Shape::of(question)));
    new.take(MOST_BESIDE).collect::<Vec<_>>().join("\n")
}

/// The heading of an answer that was given none: the first question that is whole without anybody's data, or else the first
/// words of the answer.
pub(crate) fn heading(questions: &[String], answer: &str) -> String {
    let whole = questions.iter().find(|question| masks_in(question).next().is_none());
    line(whole.map_or(answer, String::as_str))
}

/// A text as a heading: its question, where it says more than that.
pub(crate) fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut sentences = words.split_inclusive(|word| word.ends_with(['.', '!', '?', ';']));
    let asks = |sentence: &&[&str]| sentence.len() > 1 && sentence.last().is_some_and(|w| w.ends_with('?'));
    let asked = sentences.find(asks).unwrap_or(words.as_slice()).join(" ");
    if asked.chars().count() <= MOST_OF_HEADING {
        return asked;
    }
    let cut: String = asked.chars().take(MOST_OF_HEADING).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole}…")
}

/// Without masks: whoever asks the same has another name.
pub(super) fn bare(question: &str) -> String {
    let masks: Vec<String> = masks_in(question).map(str::to_owned).collect();
    let bare = masks.iter().fold(question.to_owned(), |text, mask| text.replace(mask.as_str(), " "));
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(questions: &[&str]) -> Vec<String> {
        questions.iter().map(|question| (*question).to_owned()).collect()
    }

    #[test]
    fn questions_of_the_same_words_stand_once_and_nobody_is_named() {
        let questions = all(&[
            "Do you repair old bicycles?",
            "do you repair an old bicycle",
            "Does it suit <NAME_1>?",
            "Где вы находитесь?",
        ]);
        assert_eq!(beside(&questions), "Do you repair old bicycles?\nDoes it suit ?\nГде вы находитесь?");
        let many: Vec<String> = (0..90).map(|n| format!("number {n}")).collect();
        assert_eq!(beside(&many).lines().count(), MOST_BESIDE);
    }

    #[test]
    fn a_heading_is_the_first_question_that_names_nobody() {
        let questions =
            all(&["Does it suit <NAME_1>?", "Hello! I am new here.\nDo you repair bicycles? Thanks"]);
        assert_eq!(heading(&questions, "Yes."), "Do you repair bicycles?");
        assert_eq!(heading(&questions[..1], "Yes, we do. Always."), "Yes, we do. Always.");
        assert_eq!(heading(&all(&["какая погода завтра"]), "Дождь"), "какая погода завтра");
        let long = heading(&all(&["слово за слово ".repeat(40).as_str()]), "");
        assert!(long.ends_with("слово…") && long.chars().count() <= MOST_OF_HEADING + 1, "{long}");
    }

    proptest! {
        #[test]
        fn any_question_makes_a_short_heading(text in "([<A-Z_1>]|[a-zа-я.?! \n]|.){0,300}") {
            prop_assert!(line(&text).chars().count() <= MOST_OF_HEADING + 1);
            prop_assert!(beside(&[text.clone(), text]).lines().count() <= 1);
        }
    }
}
