//! How urgent a text says it is.

use std::ops::Range;

use bot_folder::Urgency;

use super::cut::Pieces;
use super::words::is_filler;
use crate::domain::words::is_denial;

/// In a longer text "yesterday" and "later" tell of something else.
const SHORT: usize = 5;

/// The urgency and the pieces that tell it.
pub(super) fn urgency(pieces: &Pieces) -> Option<(Urgency, Range<usize>)> {
    (0..pieces.len()).find_map(|at| one(pieces, at))
}

fn one(pieces: &Pieces, at: usize) -> Option<(Urgency, Range<usize>)> {
    let word = pieces.text(at);
    let long = match (word, pieces.text(at + 1), pieces.text(at + 2)) {
        ("as", "soon", "as") => 3 + usize::from(pieces.is(at + 3, &["possible"])),
        ("как", "можно", "скорее" | "быстрее" | "раньше") => 3,
        ("к", "спеху", _) | ("right", "now", _) | ("прямо", "сейчас", _) => 2,
        (
            "asap"
            | "urgent"
            | "urgently"
            | "urgency"
            | "immediately"
            | "немедленно"
            | "поскорее"
            | "rush"
            | "hurry",
            ..,
        ) => 1,
        ("горит" | "горят" | "горим" | "аврал" | "спешка" | "спешки" | "спешу" | "спешим", ..) => {
            1
        }
        (word, ..)
            if ["срочн", "безотлагательн", "торопимся", "торопят", "тороплюсь", "горящ"]
                .iter()
                .any(|s| word.starts_with(s)) =>
        {
            1
        }
        ("yesterday" | "вчера" | "now" | "сейчас", ..) if pieces.words <= SHORT => 1,
        ("whenever" | "someday" | "later" | "потом" | "позже" | "нескоро", ..) if pieces.words <= 3 =>
        {
            return Some((Urgency::Low, at..at + 1));
        }
        ("когда", "-", "нибудь") => return Some((Urgency::Low, at..at + 3)),
        _ => return None,
    };
    let denial = (1..=4)
        .take_while(|back| *back == 1 || is_filler(pieces.before(at, back - 1)))
        .find(|back| denies(pieces.before(at, *back)));
    // "спешки нет", "срочности никакой"
    let after = pieces.is(at + long, &["нет", "никакой"]);
    if denial.is_some() || after {
        let start = at - denial.unwrap_or(0);
        return Some((Urgency::Low, start..at + long + usize::from(after)));
    }
    Some((Urgency::High, at..at + long))
}

fn denies(word: &str) -> bool {
    is_denial(word)
        || matches!(word, "isn't" | "нет" | "никакой" | "don't" | "doesn't" | "aren't" | "нету" | "неважно")
}
