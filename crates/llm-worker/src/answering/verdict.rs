//! Whether an answer may be passed on, and whether another model should try.

use super::Outcome;
use crate::domain::answer::{Answer, Reply};
use crate::domain::claims;
use crate::domain::question::Question;
use crate::routing::{Mode, RoutingConfig};

/// What is thought of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    /// What it is worth, should nobody do better.
    pub(super) outcome: Outcome,
    /// Why it is not passed on, or why another model should try.
    pub(super) reason: Option<String>,
    pub(super) next: Next,
}

/// Whether somebody should try again.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Next {
    No,
    /// Another model.
    Try,
    /// It promised this, which nothing says: once it may be written again, by somebody who is told so.
    Correct(claims::Fact),
}

impl Verdict {
    /// `mode`: how the question was answered, as its route says.
    pub(super) fn of(answer: &Answer, question: &Question, config: &RoutingConfig, mode: &str) -> Self {
        let (text, citations) = match &answer.reply {
            Reply::Text { text, citations } => (text, citations),
            // A larger model knows no more than the same sources say.
            Reply::Unknown => return Self { outcome: Outcome::Unknown, reason: None, next: Next::No },
            Reply::Empty(_) => {
                return Self { outcome: Outcome::Failed, reason: Some("empty".to_owned()), next: Next::Try };
            }
        };
        let said: Vec<&str> = question.words_of_person().collect();
        if let Some(claim) = claims::unfounded(text, &question.words_behind(citations), &said) {
            tracing::warn!(
                model = %answer.model, claim = %claim,
                "an answer promised what no source says and is withheld"
            );
            let reason = Some(format!("claim_{}", claim.kind()));
            return Self { outcome: Outcome::Unknown, reason, next: Next::Correct(claim) };
        }
        // What a source says may be said in two words.
        let short = citations.is_empty() && is_short(text, config.short_answer_words);
        let best = question.sources.first().map(|source| source.confidence);
        let unsure = mode == Mode::Assistant.as_str()
            && citations.is_empty()
            && best.is_some_and(|confidence| confidence < config.low_confidence);
        let reason = if short {
            Some("short")
        } else if unsure {
            Some("unsure")
        } else {
            None
        };
        let outcome = Outcome::Answered { text: text.clone(), citations: citations.clone() };
        let next = if reason.is_some() { Next::Try } else { Next::No };
        Self { outcome, reason: reason.map(str::to_owned), next }
    }
}

/// Of so few words that it may be none. A plain yes or no is one.
fn is_short(text: &str, least: u32) -> bool {
    const PLAIN: &[&str] = &["yes", "no", "да", "нет"];
    let mut words = text.split_whitespace();
    let few = words.clone().count() < least as usize;
    let first = words.next().unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    few && !PLAIN.contains(&first.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_or_two_are_short_unless_they_say_yes_or_no() {
        assert!(is_short("Hm.", 3) && is_short("It depends", 3));
        assert!(
            !is_short("Yes.", 3) && !is_short("Да!", 3) && !is_short("We do that.", 3) && !is_short("Hm.", 0)
        );
    }
}
