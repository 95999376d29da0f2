//! Whole messages that steer instead of answering: "skip it", "go back", "change the budget", a command's phrase.

use std::collections::HashMap;

use bot_folder::{BotFolder, LocalizedList};

use super::{Stems, words};

/// Nobody gives an order in more words.
const MAX_WORDS: usize = 8;
const MAX_BYTES: usize = 200;

/// Words that make an order polite and change nothing about it.
const POLITE: [&str; 9] = ["please", "pls", "plz", "just", "пожалуйста", "плиз", "пж", "просто", "можно"];

/// Words that may stand between "change" and what is to be changed.
const BETWEEN: [&str; 22] = [
    "my",
    "the",
    "our",
    "answer",
    "to",
    "about",
    "on",
    "for",
    "i",
    "want",
    "мой",
    "мою",
    "мое",
    "мои",
    "наш",
    "нашу",
    "ответ",
    "про",
    "на",
    "вопрос",
    "о",
    "об",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Skip,
    Back,
    Keep,
    Send,
    Change,
}

impl Order {
    /// The way through a flow that it is for; a question that is skipped is answered.
    pub(crate) const fn navigation(self) -> Option<&'static str> {
        match self {
            Self::Skip => None,
            Self::Back => Some("back"),
            Self::Keep => Some("keep"),
            Self::Send => Some("send"),
            Self::Change => Some("change"),
        }
    }
}

/// What a whole message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    Order(Order),
    /// The number of a command of the menu.
    Command(usize),
}

/// The phrases of one bot, ready to be compared.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    stems: Stems,
    phrases: HashMap<Vec<String>, Spoken>,
    /// What stands before the title of a step whose answer is to be changed.
    change: Vec<Vec<String>>,
    /// By flow and step, what the step is called.
    steps: Vec<Vec<Vec<Vec<String>>>>,
}

impl Orders {
    pub(crate) fn new(folder: &BotFolder) -> Self {
        let mut orders = Self::default();
        let (said, labels) = (&folder.bot.words, &folder.bot.labels);
        for (order, list, label) in [
            (Order::Skip, &said.skip, &labels.skip),
            (Order::Back, &said.back, &labels.back),
            (Order::Keep, &said.keep, &labels.keep),
            (Order::Send, &said.send, &labels.send),
            (Order::Change, &said.change, &labels.change),
        ] {
            for text in texts(list).chain(label.iter().map(|(_, text)| text)) {
                orders.insert(text, Spoken::Order(order));
            }
        }
        orders.change =
            texts(&said.change).map(|text| orders.key(text)).filter(|key| !key.is_empty()).collect();
        // The longest first: of "change answer budget" the budget is what is left.
        orders.change.sort_by_key(|key| std::cmp::Reverse(key.len()));
        for (number, command) in folder.menu.commands.iter().enumerate() {
            for text in texts(&command.phrases) {
                orders.insert(text, Spoken::Command(number));
            }
        }
        let step = |step: &bot_folder::FlowStep| {
            let titles = step.title.iter().map(|(_, title)| title);
            titles.chain(texts(&step.names)).chain([step.id.as_str()]).map(|name| orders.key(name)).collect()
        };
        orders.steps = folder.flows.iter().map(|flow| flow.steps.iter().map(step).collect()).collect();
        orders
    }

    fn insert(&mut self, text: &str, spoken: Spoken) {
        let key = self.key(text);
        if !key.is_empty() {
            // The engine's own orders come first, so a command with the same words is no way round them.
            self.phrases.entry(key).or_insert(spoken);
        }
    }

    fn key(&self, text: &str) -> Vec<String> {
        let words = words(text);
        if words.len() > MAX_WORDS {
            return Vec::new();
        }
        words
            .iter()
            .filter(|word| !POLITE.contains(&word.as_str()))
            .map(|word| self.stems.stem(word))
            .collect()
    }

    /// What a whole message is for; nothing where it may be an answer.
    pub(crate) fn of(&self, text: &str) -> Option<Spoken> {
        if text.len() > MAX_BYTES { None } else { self.phrases.get(&self.key(text)).copied() }
    }

    /// The step whose answer is to be changed: "change the budget".
    pub(crate) fn change(&self, flow: usize, text: &str) -> Option<usize> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let said = self.key(text);
        let rest = self.change.iter().find_map(|change| said.strip_prefix(change.as_slice()))?;
        self.named(flow, rest)
    }

    /// The step that a text names.
    pub(crate) fn step(&self, flow: usize, text: &str) -> Option<usize> {
        if text.len() > MAX_BYTES { None } else { self.named(flow, &self.key(text)) }
    }

    /// Whether a part of a text speaks of a step by one of its names: "budget around 5000".
    pub(crate) fn mentions(&self, flow: usize, step: usize, text: &str) -> bool {
        let said = self.stems.of(text);
        let names = self.steps.get(flow).and_then(|steps| steps.get(step));
        let is_in =
            |name: &Vec<String>| !name.is_empty() && said.windows(name.len()).any(|part| part == name);
        names.is_some_and(|names| names.iter().any(is_in))
    }

    fn named(&self, flow: usize, said: &[String]) -> Option<usize> {
        let is_between = |word: &&String| BETWEEN.iter().any(|between| self.stems.stem(between) == **word);
        let said: Vec<&String> = said.iter().skip_while(is_between).collect();
        if said.is_empty() {
            return None;
        }
        let is_it = |name: &Vec<String>| name.iter().eq(said.iter().copied());
        self.steps.get(flow)?.iter().position(|names| names.iter().any(is_it))
    }
}

fn texts(list: &LocalizedList) -> impl Iterator<Item = &str> {
    list.values().flatten().map(String::as_str)
}
