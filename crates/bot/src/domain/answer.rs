//! Answers of the FAQ: which one a text asks for, asking back where it may be one of a few, and what is said.

use ids::Pii;

use super::faq::Reading;
use super::state::Topic;
use super::turn::Turn;
use super::variant::variant;
use super::words::{is_stop, words};
use super::{Button, Effect, Given, Source};
use bot_folder::Action;

/// The data of the button below an offer that stands for none of it.
pub(super) const SOMETHING_ELSE: &str = "else";

/// From here on the second is as good as the best.
const AS_GOOD: f32 = 0.85;
/// Offers in a row; whoever could not be understood twice is not asked a third time.
const OFFERS: u32 = 2;
/// An answer is what the talk is about for so long.
const TOPIC_MS: i64 = 30 * 60 * 1000;
/// A longer text stands by itself.
const FOLLOW_UP_WORDS: usize = 8;
/// Characters of a question that are kept while it is offered what may answer it.
const KEPT_CHARS: usize = 500;
/// Characters of a question on a button.
const LABEL_CHARS: usize = 40;

/// What becomes of a text that is no command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This entry answers it.
    Answer(usize),
    /// A human is wanted.
    Human,
    /// One of these does; a human may be one of them.
    Offer(Vec<usize>),
    /// None does, as far as anybody can tell.
    Nothing,
}

impl Turn<'_> {
    /// Which entry answers a text, if what was said before it counts too.
    pub(super) fn verdict(&self, text: &str, reading: &Reading) -> Verdict {
        match self.likeliest(text, reading) {
            Verdict::Answer(number) if number == self.engine.index.human() => Verdict::Human,
            other => other,
        }
    }

    fn likeliest(&self, text: &str, reading: &Reading) -> Verdict {
        let thresholds = &self.folder.bot.thresholds;
        if let Some(entry) = self.goes_on(text) {
            return Verdict::Answer(entry);
        }
        let Some(best) = reading.candidates.first() else { return Verdict::Nothing };
        let second = reading.candidates.get(1).map_or(0.0, |second| second.confidence);
        if best.confidence >= thresholds.faq && second < best.confidence * AS_GOOD {
            return Verdict::Answer(best.entry);
        }
        if reading.alike >= 2 && reading.one_of_them >= thresholds.faq_offer {
            let alike = reading.candidates.iter().take(reading.alike);
            return Verdict::Offer(alike.map(|candidate| candidate.entry).collect());
        }
        if best.confidence >= thresholds.faq { Verdict::Answer(best.entry) } else { Verdict::Nothing }
    }

    /// The entry that a text asks for only together with the answer before it: "and for support?" after a price.
    fn goes_on(&self, text: &str) -> Option<usize> {
        let topic = self.state.topic.as_ref()?;
        if self.input.now_ms.saturating_sub(topic.at_ms) > TOPIC_MS || !goes_on(text) {
            return None;
        }
        let number = self.folder.faq.entries.iter().position(|entry| entry.id == topic.entry)?;
        self.engine.index.find_about(text, number)
    }

    /// Does what a text that is no command comes to.
    pub(super) fn question(&mut self, text: &str, reading: &Reading) {
        self.found = reading.candidates.first().and_then(|best| {
            let entry = self.folder.faq.entries.get(best.entry)?;
            Some((entry.id.clone(), best.confidence))
        });
        match self.verdict(text, reading) {
            Verdict::Answer(entry) => self.faq(entry),
            Verdict::Human => {
                self.state.offers = 0;
                self.state.unclear = None;
                self.act(&Action::Human);
            }
            // A question that is about to go to the model has been through this.
            Verdict::Offer(entries) if self.state.offers < OFFERS && self.closing.is_none() => {
                self.offer(text, &entries);
            }
            Verdict::Offer(_) | Verdict::Nothing => {
                self.state.offers = 0;
                self.state.unclear = None;
                self.ask_model(text);
            }
        }
    }

    /// Asks which of a few answers is meant.
    fn offer(&mut self, text: &str, entries: &[usize]) {
        self.state.offers += 1;
        self.state.unclear = Some(Pii::new(text.chars().take(KEPT_CHARS).collect()));
        let folder = self.folder;
        let mut rows: Vec<Vec<Button>> = entries
            .iter()
            .map(|number| match folder.faq.entries.get(*number) {
                Some(entry) => {
                    let label = entry.label.as_ref().unwrap_or(&entry.question).get(self.lang);
                    vec![Button::callback(&short(label), &Action::Faq(entry.id.clone()).to_string())]
                }
                None => {
                    vec![Button::callback(folder.bot.labels.human.get(self.lang), &Action::Human.to_string())]
                }
            })
            .collect();
        rows.push(vec![Button::callback(folder.bot.labels.something_else.get(self.lang), SOMETHING_ELSE)]);
        let text = self.fill(folder.bot.texts.which.text.get(self.lang), &[]);
        self.send(text, rows, Source::Canned);
    }

    /// None of what was offered: the question goes on to a model.
    pub(super) fn something_else(&mut self) {
        self.state.offers = 0;
        match self.state.unclear.take() {
            Some(text) => self.ask_model(text.expose()),
            None => self.aside(&self.folder.bot.texts.ask),
        }
    }

    /// Gives an answer of the FAQ.
    pub(super) fn faq(&mut self, number: usize) {
        let folder = self.folder;
        let Some(entry) = folder.faq.entries.get(number) else { return };
        self.state.unanswered = 0;
        self.state.escalations.no_doubt();
        self.state.offers = 0;
        self.state.unclear = None;
        self.state.topic = Some(Topic { entry: entry.id.clone(), at_ms: self.input.now_ms });
        let variant = variant(folder.name(), self.input.chat.id, entry);
        let answer = variant.map_or(&entry.answer, |variant| &variant.answer);
        let text = self.fill(answer.get(self.lang), &[]);
        if self.awaits_question() {
            self.answered(&text, Source::Faq);
        } else if self.state.flow.is_some() {
            self.with_question(text, Source::Faq);
        } else {
            let mut rows = super::say::rows(&entry.buttons, self.lang);
            if self.state.paused.is_some() {
                rows.insert(0, vec![self.resume_button()]);
            }
            self.send(text, rows, Source::Faq);
        }
        let given = Given { entry: entry.id.clone(), variant: variant.map(|variant| variant.id.clone()) };
        if let Some(Effect::Send(message)) = self.effects.last_mut() {
            message.given = Some(given);
        }
    }
}

/// Whether a text looks like it goes on with what was said: it begins with "and", or has nothing but a word or two that
/// say something.
fn goes_on(text: &str) -> bool {
    let words = words(text);
    let joins = matches!(
        words.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
        ["and" | "also" | "а" | "и" | "ну", ..]
            | ["what" | "how", "about", ..]
            | ["ok" | "ок" | "хорошо", "and" | "а", ..]
    );
    let telling = words.iter().filter(|word| !is_stop(word)).count();
    words.len() <= FOLLOW_UP_WORDS && joins && telling <= 4
}

/// A question as it fits on a button.
fn short(question: &str) -> String {
    if question.chars().count() <= LABEL_CHARS {
        return question.to_owned();
    }
    let mut cut: String = question.chars().take(LABEL_CHARS - 1).collect();
    if let Some(space) = cut.rfind(' ') {
        cut.truncate(space);
    }
    format!("{}…", cut.trim_end_matches([',', '.', ':', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_goes_on_is_short_and_says_so() {
        for text in ["and for support?", "а за поддержку?", "what about AWS?", "и сколько ждать"]
        {
            assert!(goes_on(text), "{text}");
        }
        for text in
            ["how much is support", "and could you tell me please how all of this is going to be paid"]
        {
            assert!(!goes_on(text), "{text}");
        }
    }

    #[test]
    fn a_long_question_is_cut_between_words() {
        assert_eq!(short("How do we pay?"), "How do we pay?");
        assert_eq!(
            short("How do you protect our data? Do you sign an NDA?"),
            "How do you protect our data? Do you…"
        );
    }
}
