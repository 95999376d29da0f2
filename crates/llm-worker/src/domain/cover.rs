//! How much of an answer rests on what it was shown. A sentence that states something is covered by the number of a
//! source behind it, or where most of its words stand in the sources that the answer names.

use std::collections::HashSet;

use super::question::{Source, SourceKind};
use super::reply::mark;
use super::stems::Stems;

/// A sentence with so many words that say something states something; so does one with a number.
const LEAST_WORDS: usize = 2;
/// So many of a sentence's words have to stand in the sources.
const LEAST_SHARE: f32 = 0.5;

/// Sentences of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cover {
    /// Those that state something.
    pub(crate) stated: usize,
    /// Those of them that rest on a source.
    pub(crate) covered: usize,
}

impl Cover {
    /// Of what a model wrote, with its marks. `shown` are the sources as they were numbered, from 1.
    pub(crate) fn of(written: &str, shown: &[Source]) -> Self {
        let sentences = sentences(written);
        let asks_back = sentences.iter().any(|sentence| sentence.text.ends_with('?'));
        let stems = Stems::default();
        let named = sentences.iter().flat_map(|sentence| &sentence.numbers);
        let named: Vec<&Source> = named.filter_map(|number| shown.get(number.checked_sub(1)?)).collect();
        // The FAQ is the catalogue: it may be repeated without being named.
        let known: HashSet<String> = shown
            .iter()
            .filter(|source| source.kind == SourceKind::Faq || named.contains(source))
            .flat_map(|source| [&source.heading, &source.text])
            .flat_map(|text| stems.telling(text))
            .collect();
        let mut cover = Self::default();
        for sentence in &sentences {
            let admits = admits(&sentence.text);
            let words = stems.telling(&sentence.text);
            let counts = words.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
            let says = says_yes_or_no(&sentence.text) && !asks_back;
            let states = words.len() >= LEAST_WORDS || counts || says;
            if !admits && (!states || sentence.text.ends_with('?')) {
                continue;
            }
            cover.stated += 1;
            let is_marked = sentence.numbers.iter().any(|number| (1..=shown.len()).contains(number));
            let held = words.iter().filter(|word| known.contains(*word)).count();
            let is_held = !words.is_empty() && held as f32 >= LEAST_SHARE * words.len() as f32;
            if !admits && (is_marked || is_held) {
                cover.covered += 1;
            }
        }
        cover
    }

    /// From 0 to 1; `None` where nothing is stated.
    pub(crate) fn share(self) -> Option<f32> {
        (self.stated > 0).then(|| self.covered as f32 / self.stated as f32)
    }
}

/// A sentence without its marks, and the numbers in them.
#[derive(Default)]
struct Sentence {
    text: String,
    numbers: Vec<usize>,
}

/// A mark behind the full stop belongs to what stands before it.
fn sentences(written: &str) -> Vec<Sentence> {
    let mut sentences: Vec<Sentence> = Vec::new();
    let mut current = Sentence::default();
    let mut rest = written;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        if c == '['
            && let Some((numbers, behind)) = mark(after)
        {
            let is_new = !current.text.chars().any(char::is_alphanumeric);
            let of = sentences.last_mut().filter(|_| is_new).unwrap_or(&mut current);
            of.numbers.extend(numbers);
            rest = behind;
            continue;
        }
        current.text.push(c);
        rest = after;
        let ends =
            c == '\n' || matches!(c, '.' | '!' | '?' | '…') && !after.starts_with(char::is_alphanumeric);
        if ends && current.text.chars().any(char::is_alphanumeric) {
            sentences.push(std::mem::take(&mut current));
        }
    }
    if current.text.chars().any(char::is_alphanumeric) || !current.numbers.is_empty() {
        sentences.push(current);
    }
    for sentence in &mut sentences {
        sentence.text = sentence.text.trim().to_owned();
    }
    sentences
}

/// Whether a sentence begins with a plain yes or no that is no mere politeness ("yes, of course").
fn says_yes_or_no(sentence: &str) -> bool {
    let small = sentence.to_lowercase();
    let mut words = small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let plain = matches!(words.next(), Some("yes" | "no" | "да" | "нет"));
    plain
        && !words.any(|word| {
            matches!(word, "course" | "sure" | "ask" | "please" | "конечно" | "спрашивайте" | "пожалуйста")
        })
}

/// Whether a sentence says that it is not known.
fn admits(sentence: &str) -> bool {
    const WORDS: [&str; 26] = [
        "don't know",
        "do not know",
        "don't have",
        "do not have",
        "no information",
        "not sure",
        "cannot say",
        "can't say",
        "can not say",
        "cannot answer",
        "can't answer",
        "no data",
        "not specified",
        "couldn't find",
        "could not find",
        "не знаю",
        "нет информации",
        "нет данных",
        "нет сведений",
        "не могу сказать",
        "не могу ответить",
        "не уверен",
        "не указан",
        "не нашел",
        "не нашла",
        "нет точных данных",
    ];
    let small = sentence.to_lowercase().replace('ё', "е").replace('’', "'");
    WORDS.iter().any(|words| small.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sources() -> [Source; 2] {
        let source = |kind, title: &str, text: &str| Source {
            kind,
            title: title.to_owned(),
            heading: title.to_owned(),
            text: text.to_owned(),
            confidence: 0.8,
        };
        [
            source(SourceKind::Knowledge, "Support", "We support Kubernetes clusters around the clock."),
            source(SourceKind::Faq, "Цены", "Бот в Telegram стоит от $5k, половину платят вперёд."),
        ]
    }

    fn cover(written: &str) -> (usize, usize) {
        let cover = Cover::of(written, &sources());
        (cover.stated, cover.covered)
    }

    #[test]
    fn marks_and_words_of_named_sources_cover_what_is_stated() {
        for (written, expected) in [
            ("We migrate databases [1]. We also train people.", (2, 1)),
            ("We migrate databases. [1] We train people at weekends.", (2, 1)),
            ("Kubernetes clusters are supported. We migrate databases too. [1]", (2, 2)),
            // The words of a source that is not named are none of the answer's; those of the FAQ are.
            ("Kubernetes clusters are supported.", (1, 0)),
            ("Бот стоит от $5k, платят половину вперёд.", (1, 1)),
            ("We migrate databases [9].", (1, 0)),
            ("Hello! How can I help?", (0, 0)),
            ("Спасибо! Хорошего дня.", (0, 0)),
            ("Which databases do you run in production?", (0, 0)),
            ("No.", (1, 0)),
            ("Yes, of course, ask away.", (0, 0)),
            ("I don’t know the answer to that [1].", (1, 0)),
            ("", (0, 0)),
            ("[1]", (0, 0)),
            ("From $5k [1].", (1, 1)),
        ] {
            assert_eq!(cover(written), expected, "{written}");
        }
    }

    #[test]
    fn names_with_dots_are_no_ends_of_sentences() {
        assert_eq!(sentences("We use Next.js and v1.2 of it. Done!").len(), 2);
    }

    proptest! {
        #[test]
        fn any_text_is_covered_in_part_at_most(written in "(\\[1\\]|\\[2, 9\\]|[.!?\\[\\] \n]|cluster|бот|yes|[a-zа-я]){0,60}") {
            let cover = Cover::of(&written, &sources());
            prop_assert!(cover.covered <= cover.stated);
        }
    }
}
