//! A cheap look at a question: how it is to be worked on, and how much of a model that takes.

use bot_folder::PromptContext;

use crate::domain::question::Question;
use crate::providers::Tier;

/// How a question is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// With tools, in several steps.
    Agent,
    /// As talk: nothing that the bot knows is about it.
    Chat,
    /// As a question that the bot's knowledge is about.
    Assistant,
}

impl Mode {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Chat => "chat",
            Self::Assistant => "assistant",
        }
    }
}

/// What can be seen of a question without a model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Signals {
    pub(crate) words: usize,
    /// Question marks, and lines that are items of a list.
    pub(crate) asks: usize,
    /// Words that ask for weighing, not for looking up: "compare", «архитектура».
    pub(crate) deep: usize,
    /// Words of somebody for whom something does not work.
    pub(crate) trouble: usize,
    /// Words of somebody who chooses or buys.
    pub(crate) choosing: usize,
    pub(crate) has_code: bool,
    pub(crate) has_tools: bool,
    /// How sure the best source is, 0 to 1.
    pub(crate) known: f32,
}

/// Beginnings of words, so that any form of them counts.
const DEEP: &[&str] = &[
    "compar",
    "trade-off",
    "tradeoff",
    "architect",
    "migrat",
    "design",
    "optimi",
    "debug",
    "diagnos",
    "estimate",
    "why ",
    "explain",
    "strateg",
    "scal",
    "сравн",
    "архитект",
    "мигра",
    "проектир",
    "оптимиз",
    "отлад",
    "диагност",
    "оцен",
    "почему",
    "объясн",
    "стратег",
    "масштаб",
];
/// Likewise. What stands inside other words has a space before it.
const TROUBLE: &[&str] = &[
    "error",
    "crash",
    "broken",
    "fails",
    "failed",
    "failing",
    "is down",
    "went down",
    " bug",
    "timed out",
    "not work",
    "n't work",
    "stopped working",
    "can not log in",
    "can't log in",
    "ошибк",
    "не работа",
    "слома",
    "упал",
    "завис",
    "не открыва",
    "не запуска",
    "не отвеча",
    "не могу войти",
    "сбой",
    "сбои",
    "недоступ",
    "глюч",
];
const CHOOSING: &[&str] = &[
    "price",
    "pricing",
    "cost",
    "how much",
    "quote",
    "recommend",
    "suit",
    "which plan",
    "do you offer",
    "do you do",
    "сколько сто",
    "стоим",
    "цена",
    "цены",
    "цену",
    "тариф",
    "посовет",
    "порекоменд",
    "подойд",
    "подходит",
    "предлага",
];
/// From so many words on, a message is a brief rather than a question.
const LONG: usize = 80;
const SHORT: usize = 12;
/// A source from here on is about what is asked.
const ABOUT: f32 = 0.35;
const SURE: f32 = 0.6;

impl Signals {
    pub(crate) fn of(question: &Question) -> Self {
        let asked = question.words_of_person().last().unwrap_or_default();
        let known = question.sources.first().map_or(0.0, |source| source.confidence);
        Self { known, ..Self::of_text(asked) }
    }

    /// Of a message of the size that Telegram allows; of a longer one its beginning.
    pub(crate) fn of_text(text: &str) -> Self {
        const MOST: usize = 8_192;
        let text = &text[..text.floor_char_boundary(MOST)];
        let lower = text.to_lowercase();
        let items = text.lines().filter(|line| line.trim_start().starts_with(['-', '•', '*'])).count();
        Self {
            words: text.split_whitespace().count(),
            asks: text.matches('?').count() + items,
            deep: count(DEEP, &lower),
            trouble: count(TROUBLE, &lower),
            choosing: count(CHOOSING, &lower),
            has_code: text.contains("```")
                || text.lines().filter(|line| line.ends_with([';', '{', '}'])).count() > 1,
            has_tools: false,
            known: 0.0,
        }
    }

    /// What the message is about, as far as it shows, and why.
    pub(crate) fn context(&self) -> (PromptContext, &'static str) {
        match self {
            Self { trouble: 1.., .. } => (PromptContext::Support, "trouble"),
            Self { has_code: true, .. } => (PromptContext::Support, "code"),
            Self { choosing: 1.., .. } => (PromptContext::Consultation, "choosing"),
            Self { known, .. } if *known >= ABOUT => (PromptContext::Consultation, "sources"),
            Self { deep: 1.., .. } => (PromptContext::Consultation, "deep"),
            _ => (PromptContext::Base, "talk"),
        }
    }

    pub(crate) fn mode(&self) -> (Mode, &'static str) {
        match self {
            Self { has_tools: true, .. } => (Mode::Agent, "tools"),
            Self { known, .. } if *known >= ABOUT => (Mode::Assistant, "sources"),
            Self { asks: 0, words, .. } if *words <= SHORT => (Mode::Chat, "talk"),
            Self { has_code: true, .. } => (Mode::Assistant, "code"),
            Self { deep: 1.., .. } => (Mode::Assistant, "deep"),
            _ => (Mode::Chat, "no_sources"),
        }
    }

    /// The least that is enough, and why.
    pub(crate) fn tier(&self) -> (Tier, &'static str) {
        match self {
            Self { has_code: true, .. } => (Tier::Large, "code"),
            Self { words, .. } if *words > LONG => (Tier::Large, "long"),
            Self { deep, asks, .. } if *deep >= 2 || *asks >= 4 => (Tier::Large, "deep"),
            Self { deep: 1, .. } | Self { asks: 2.., .. } => (Tier::Medium, "several"),
            Self { has_tools: true, .. } => (Tier::Medium, "tools"),
            Self { words, .. } if *words <= SHORT => (Tier::Small, "short"),
            Self { known, .. } if *known >= SURE => (Tier::Small, "known"),
            _ => (Tier::Medium, "usual"),
        }
    }
}

/// How many of these words are there. `lower` is in small letters.
fn count(words: &[&str], lower: &str) -> usize {
    words.iter().filter(|word| lower.contains(**word)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn looked(text: &str, known: f32) -> (&'static str, Tier) {
        let signals = Signals { known, ..Signals::of_text(text) };
        (signals.mode().0.as_str(), signals.tier().0)
    }

    #[test]
    fn questions_go_where_a_person_would_send_them() {
        for (text, known, mode, tier) in [
            ("Спасибо!", 0.0, "chat", Tier::Small),
            ("ok, thanks a lot", 0.1, "chat", Tier::Small),
            ("Do you work with Kubernetes?", 0.9, "assistant", Tier::Small),
            ("Сколько стоит бот?", 0.7, "assistant", Tier::Small),
            ("Сравните, пожалуйста, Kubernetes и Nomad для нас", 0.4, "assistant", Tier::Medium),
            (
                "Сравните Kubernetes и Nomad: какая архитектура проще, как мигрировать?",
                0.4,
                "assistant",
                Tier::Large,
            ),
            ("What is the price? And how long does it take?", 0.8, "assistant", Tier::Medium),
            ("Why does it crash?\n```\npanic!()\n```", 0.0, "assistant", Tier::Large),
            ("What will the weather be in Paris tomorrow?", 0.1, "chat", Tier::Small),
        ] {
            assert_eq!(looked(text, known), (mode, tier), "{text}");
        }
        let brief = "We have a shop on an old server and want to move it. ".repeat(8);
        assert_eq!(looked(&brief, 0.5), ("assistant", Tier::Large));
        let tools = Signals { has_tools: true, ..Signals::of_text("hi") };
        assert_eq!((tools.mode().0, tools.tier().0), (Mode::Agent, Tier::Medium));
    }

    #[test]
    fn what_a_message_is_about_shows_in_its_words_and_in_what_is_known_of_it() {
        for (text, known, context) in [
            ("Спасибо!", 0.0, "base"),
            ("What will the weather be in Paris tomorrow?", 0.1, "base"),
            ("Do you work with Kubernetes?", 0.9, "consultation"),
            ("Посоветуйте, что нам взять для магазина", 0.1, "consultation"),
            ("How much is a bot?", 0.0, "consultation"),
            ("Our bot is down, it says error 502", 0.9, "support"),
            ("После обновления ничего не работает, что делать?", 0.5, "support"),
            ("It prints this:\n```\npanic!()\n```", 0.0, "support"),
            ("How do I debug it?", 0.1, "consultation"),
        ] {
            let signals = Signals { known, ..Signals::of_text(text) };
            assert_eq!(signals.context().0.as_str(), context, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at(text in ".{0,300}") {
            let signals = Signals::of_text(&text);
            let _ = (signals.mode(), signals.tier(), signals.context());
        }
    }
}
