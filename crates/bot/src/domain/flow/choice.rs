//! Finds which option of a choice a text means: its label, a synonym, or its number; and whether a text means the
//! person's Telegram where a contact is asked for.

use bot_folder::{BotFolder, ChoiceInput, LocalizedList, StepInput};

use crate::domain::words::{Stems, is_denial, words};

/// In a longer text a word in passing is not a choice.
const MAX_WORDS: usize = 8;

/// The stems of every option's labels and synonyms, by flow and step.
#[derive(Debug, Default)]
pub(in crate::domain) struct Choices {
    stems: Stems,
    flows: Vec<Vec<Vec<Words>>>,
    telegram: Vec<Vec<String>>,
    /// What people say who want something made.
    wishes: Vec<Vec<String>>,
}

/// One option's phrases.
#[derive(Debug, Default)]
struct Words {
    phrases: Vec<Vec<String>>,
    /// The numbers of the options that it stands above.
    over: Vec<usize>,
}

/// The score of the very words.
const EXACT: usize = 1_000;

/// The option that a text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meant {
    pub(super) number: usize,
    /// The text is its label or a synonym, and nothing else.
    pub(super) exactly: bool,
}

impl Choices {
    pub(in crate::domain) fn new(folder: &BotFolder) -> Self {
        let stems = Stems::default();
        let options = |choice: &ChoiceInput| {
            let words = |option: &bot_folder::ChoiceOption| {
                let labels = option.label.iter().map(|(_, label)| label);
                let all = labels.chain(option.synonyms.values().flatten().map(String::as_str));
                let phrases = all.map(|text| stems.of(text)).filter(|phrase| !phrase.is_empty()).collect();
                let number = |value: &String| choice.options.iter().position(|other| other.value == *value);
                Words { phrases, over: option.over.iter().filter_map(number).collect() }
            };
            choice.options.iter().map(words).collect()
        };
        let step = |step: &bot_folder::FlowStep| match &step.input {
            StepInput::Choice(choice) => options(choice),
            _ => Vec::new(),
        };
        let flows = folder.flows.iter().map(|flow| flow.steps.iter().map(step).collect()).collect();
        let phrases = |list: &LocalizedList| {
            let phrases = list.values().flatten().map(|text| stems.of(text));
            phrases.filter(|phrase| !phrase.is_empty()).collect()
        };
        let (telegram, wishes) = (phrases(&folder.bot.words.telegram), phrases(&folder.bot.words.wish));
        Self { flows, telegram, wishes, stems }
    }

    /// Whether a text says somewhere that something is wanted: "we need a", "хочу заказать".
    pub(super) fn is_wish(&self, text: &str) -> bool {
        let said = self.stems.of(text);
        let is_denied = |at: usize| said[at.saturating_sub(2)..at].iter().any(|word| is_denial(word));
        let is_said = |phrase: &Vec<String>| {
            let mut parts = said.windows(phrase.len()).enumerate();
            parts.any(|(at, part)| part == phrase && !is_denied(at))
        };
        self.wishes.iter().any(is_said)
    }

    /// The option that is named in a text, whatever else it says; `None` where none or more than one is.
    pub(super) fn named(&self, flow: usize, step: usize, text: &str) -> Option<usize> {
        let options = self.flows.get(flow)?.get(step)?;
        best(options, &self.stems.of(text)).map(|meant| meant.number)
    }

    /// Whether a text names several options, none of which stands above the others.
    pub(super) fn names_more(&self, flow: usize, step: usize, text: &str) -> bool {
        let options = self.flows.get(flow).and_then(|steps| steps.get(step));
        let said = self.stems.of(text);
        options.is_some_and(|options| {
            let scores = scores(options, &said);
            (0..options.len())
                .filter(|number| scores[*number] > 0 && !is_under(options, &scores, *number))
                .count()
                > 1
        })
    }

    /// Whether a text means the person's Telegram.
    pub(super) fn is_telegram(&self, text: &str) -> bool {
        let said = self.stems.of(text);
        let means =
            |phrase: &Vec<String>| phrase.iter().all(|stem| said.contains(stem)) && !is_turned(phrase, &said);
        (1..=MAX_WORDS).contains(&said.len()) && self.telegram.iter().any(means)
    }

    /// The option a text means; `None` where none or more than one is meant.
    pub(super) fn find(&self, flow: usize, step: usize, text: &str) -> Option<Meant> {
        let options = self.flows.get(flow)?.get(step)?;
        if let Some(number) =
            text.trim().parse::<usize>().ok().filter(|number| (1..=options.len()).contains(number))
        {
            return Some(Meant { number: number - 1, exactly: true });
        }
        let said: Vec<String> = words(text).iter().map(|word| self.stems.stem(word)).collect();
        if said.is_empty() || said.len() > MAX_WORDS {
            return None;
        }
        best(options, &said)
    }
}

/// How well these stems fit each option; 0 where they do not.
fn scores(options: &[Words], said: &[String]) -> Vec<usize> {
    let of = |option: &Words| option.phrases.iter().map(|phrase| score(phrase, said)).max().unwrap_or(0);
    options.iter().map(of).collect()
}

/// "Support of a website": what is done stands above what it is done to.
fn is_under(options: &[Words], scores: &[usize], number: usize) -> bool {
    let above = |(other, option): (usize, &Words)| scores[other] > 0 && option.over.contains(&number);
    scores[number] < EXACT && options.iter().enumerate().any(above)
}

/// The option that these stems mean; `None` where none or more than one is meant.
fn best(options: &[Words], said: &[String]) -> Option<Meant> {
    let scores = scores(options, said);
    let is_under = |number: usize| is_under(options, &scores, number);
    let top = (0..options.len()).filter(|number| !is_under(*number)).map(|number| scores[number]).max()?;
    let mut best = (0..options.len()).filter(|number| scores[*number] == top && !is_under(*number));
    match (best.next(), best.next()) {
        (Some(number), None) if top > 0 => Some(Meant { number, exactly: top == EXACT }),
        _ => None,
    }
}

/// Whether what stands before the phrase makes something else of it: "not urgent", "6 months".
fn is_turned(phrase: &[String], said: &[String]) -> bool {
    let places: Vec<usize> =
        phrase.iter().filter_map(|stem| said.iter().position(|word| word == stem)).collect();
    let (Some(first), Some(last)) = (places.iter().min(), places.iter().max()) else { return false };
    if phrase.iter().any(|word| is_denial(word)) {
        // "urgent, not later" is not "not urgent".
        return !places.is_sorted() || last - first > phrase.len();
    }
    let denied = said[first.saturating_sub(2)..*last].iter().any(|word| is_denial(word));
    let counted = places.iter().any(|at| *at > 0 && is_time(&said[*at]) && is_number(&said[at - 1]));
    denied || counted && !phrase.iter().any(|word| is_number(word))
}

fn is_time(stem: &str) -> bool {
    ["month", "week", "day", "year", "hour", "месяц", "недел", "дн", "год", "лет"]
        .iter()
        .any(|unit| stem.starts_with(unit))
}

/// Stems, as the stemmers leave them.
fn is_number(stem: &str) -> bool {
    const SPELLED: &[&str] = &[
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "два",
        "две",
        "три",
        "четыр",
        "пят",
        "шест",
        "сем",
        "восем",
        "девят",
        "десят",
    ];
    stem.bytes().all(|b| b.is_ascii_digit()) || SPELLED.contains(&stem)
}

/// The same words count most, then a long phrase inside the text, then a text inside a phrase.
fn score(phrase: &[String], said: &[String]) -> usize {
    if phrase == said {
        EXACT
    } else if phrase.iter().all(|stem| said.contains(stem)) && !is_turned(phrase, said) {
        phrase.len() * 10
    } else if said.len() >= 2 && said.iter().all(|stem| phrase.contains(stem)) {
        said.len() * 10 - 1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_denied_or_counted_is_another() {
        let stems = Stems::default();
        let score = |phrase: &str, said: &str| score(&stems.of(phrase), &stems.of(said));
        assert!(score("urgent", "it is urgent") > 0);
        assert_eq!(score("urgent", "not urgent"), 0);
        assert_eq!(score("it is urgent", "it is not urgent at all"), 0);
        assert_eq!(score("срочно", "совсем не срочно"), 0);
        assert!(score("не срочно", "совсем не срочно") > 0);
        assert!(score("no rush", "there is no rush") > 0);
        assert_eq!(score("this month", "not this month"), 0);
        assert!(score("month", "within a month") > 0);
        assert_eq!(score("month", "in 6 months"), 0);
        assert_eq!(score("через месяц", "через 6 месяцев"), 0);
        assert!(score("3 months", "in 3 months") > 0);
        assert_eq!(score("month", "in six months"), 0);
        assert_eq!(score("через месяц", "через пять месяцев"), 0);
        assert!(score("two months", "in two months") > 0);
        assert!(score("support", "24/7 support") > 0);
        assert!(score("бот", "нужно 2 бота") > 0);
        assert_eq!(score("urgent", "it isn't urgent"), 0);
        assert_eq!(score("не срочно", "срочно, не позже пятницы"), 0);
        assert!(score("срочно", "срочно, не позже пятницы") > 0);
        assert_eq!(score("not now", "now, not later"), 0);
    }
}
