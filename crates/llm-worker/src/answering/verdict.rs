//! Whether an answer may be passed on, and whether another model should try.

use super::{Outcome, Route};
use crate::domain::answer::{Action, Answer, Reply};
use crate::domain::claims;
use crate::domain::confidence::{Checks, Evidence};
use crate::domain::leak::{Filter, Leak};
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
    /// What is to happen after it.
    pub(super) action: Action,
    /// How sure it is, 0 to 1; `None` where nothing is answered.
    pub(super) confidence: Option<f32>,
}

/// Whether somebody should try again.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Next {
    No,
    /// Another model.
    Try,
    /// Once it may be written again, by somebody who is told what was wrong.
    Correct(Objection),
}

/// Why an answer may not be passed on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Objection {
    /// It promised this, which nothing says.
    Claim(claims::Fact),
    Leak(Leak),
}

impl Objection {
    /// The word for the ledger.
    fn reason(&self) -> String {
        match self {
            Self::Claim(claim) => format!("claim_{}", claim.kind()),
            Self::Leak(leak) => leak.reason().to_owned(),
        }
    }

    /// Whether a word of the ledger is that of an objection.
    fn is_reason(word: &str) -> bool {
        word.starts_with("claim_") || word.starts_with("leak_")
    }

    /// What is added to the prompt for the second try.
    pub(super) fn correction(&self) -> String {
        match self {
            Self::Claim(claim) => claims::correction(claim),
            Self::Leak(leak) => leak.correction().to_owned(),
        }
    }
}

impl Verdict {
    /// Nothing is passed on.
    const fn none(outcome: Outcome, reason: Option<String>, next: Next) -> Self {
        Self { outcome, reason, next, action: Action::Continue, confidence: None }
    }

    /// `route`: the way up to here.
    pub(super) fn of(answer: &Answer, question: &Question, config: &RoutingConfig, route: &Route) -> Self {
        let (text, citations, action, cover) = match &answer.reply {
            Reply::Text { text, citations, action, cover } => (text, citations, *action, cover),
            // A larger model knows no more than the same sources say.
            Reply::Unknown => return Self::none(Outcome::Unknown, None, Next::No),
            Reply::Empty(_) => return Self::none(Outcome::Failed, Some("empty".to_owned()), Next::Try),
        };
        if let Some(objection) = objection(text, citations, question) {
            let reason = objection.reason();
            tracing::warn!(
                model = %answer.model, reason = %reason, "an answer says what it may not and is withheld"
            );
            return Self::none(Outcome::Unknown, Some(reason), Next::Correct(objection));
        }
        // What a source says may be said in two words.
        let short = citations.is_empty() && is_short(text, config.short_answer_words);
        let best = question.sources.first().map(|source| source.confidence);
        let unsure = route.mode == Mode::Assistant.as_str()
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
        let evidence = Evidence {
            best: best.unwrap_or_default(),
            cover: cover.share(),
            checks: Checks {
                corrected: route.tried.iter().any(|(_, word)| Objection::is_reason(word)),
                not_the_first: !route.tried.is_empty(),
                short: reason.is_some(),
            },
        };
        let confidence = Some(evidence.confidence());
        Self { outcome, reason: reason.map(str::to_owned), next, action, confidence }
    }
}

/// What must not be passed on of an answer, if there is anything.
fn objection(text: &str, citations: &[String], question: &Question) -> Option<Objection> {
    let said: Vec<&str> = question.words_of_person().collect();
    let claim = claims::unfounded(text, &question.words_behind(citations), &said).map(Objection::Claim);
    claim.or_else(|| Filter::of(question).leak(text).map(Objection::Leak))
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
