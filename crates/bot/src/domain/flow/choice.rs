//! Finds which option of a choice a text means: its label, a synonym, or its number.

use bot_folder::{BotFolder, ChoiceInput, StepInput};

use crate::domain::words::{Stems, words};

/// In a longer text a word in passing is not a choice.
const MAX_WORDS: usize = 8;

/// The stems of every option's labels and synonyms, by flow and step.
#[derive(Debug, Default)]
pub(in crate::domain) struct Choices {
    stems: Stems,
    flows: Vec<Vec<Vec<Words>>>,
}

/// One option's phrases.
#[derive(Debug, Default)]
struct Words(Vec<Vec<String>>);

impl Choices {
    pub(in crate::domain) fn new(folder: &BotFolder) -> Self {
        let stems = Stems::default();
        let options = |choice: &ChoiceInput| {
            let words = |option: &bot_folder::ChoiceOption| {
                let labels = option.label.iter().map(|(_, label)| label);
                let all = labels.chain(option.synonyms.values().flatten().map(String::as_str));
                Words(all.map(|text| stems.of(text)).filter(|phrase| !phrase.is_empty()).collect())
            };
            choice.options.iter().map(words).collect()
        };
        let step = |step: &bot_folder::FlowStep| match &step.input {
            StepInput::Choice(choice) => options(choice),
            _ => Vec::new(),
        };
        let flows = folder.flows.iter().map(|flow| flow.steps.iter().map(step).collect()).collect();
        Self { flows, stems }
    }

    /// The number of the option a text means; `None` where none or more than one is meant.
    pub(super) fn find(&self, flow: usize, step: usize, text: &str) -> Option<usize> {
        let options = self.flows.get(flow)?.get(step)?;
        if let Some(number) =
            text.trim().parse::<usize>().ok().filter(|number| (1..=options.len()).contains(number))
        {
            return Some(number - 1);
        }
        let said: Vec<String> = words(text).iter().map(|word| self.stems.stem(word)).collect();
        if said.is_empty() || said.len() > MAX_WORDS {
            return None;
        }
        let mut best: Option<(usize, usize)> = None;
        let mut tie = false;
        for (number, option) in options.iter().enumerate() {
            let score = option.0.iter().map(|phrase| score(phrase, &said)).max().unwrap_or(0);
            match best {
                _ if score == 0 => {}
                Some((_, top)) if score == top => tie = true,
                Some((_, top)) if score < top => {}
                _ => {
                    best = Some((number, score));
                    tie = false;
                }
            }
        }
        best.filter(|_| !tie).map(|(number, _)| number)
    }
}

/// The same words count most, then a long phrase inside the text, then a text inside a phrase.
fn score(phrase: &[String], said: &[String]) -> usize {
    if phrase == said {
        1_000
    } else if phrase.iter().all(|stem| said.contains(stem)) {
        phrase.len() * 10
    } else if said.len() >= 2 && said.iter().all(|stem| phrase.contains(stem)) {
        said.len() * 10 - 1
    } else {
        0
    }
}
