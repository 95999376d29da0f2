//! The words of a bot's FAQ: which of them are the same word, and which mean the same.

use std::collections::HashMap;

use bot_folder::Faq;

use super::typo::Typos;
use crate::domain::words::{Stems, is_common, is_stop, words};

/// A word of the FAQ, whatever its ending, or a group of words that mean the same.
pub(super) type Term = u32;

/// How sure a misspelt word is.
const MISSPELT: f32 = 0.85;
/// No question of the FAQ is put in more words; the rest of a longer text is not read.
pub(super) const MOST_WORDS: usize = 40;

/// A word of a text, or a phrase that stands for one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Word {
    Known {
        term: Term,
        sure: f32,
    },
    /// It is nowhere in the FAQ: a sign that something else is meant, unless it is one of the little words.
    Unknown(Kind),
}

/// How much a word says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `the`, `как`
    Stop,
    /// `usually`, `вообще`
    Common,
    Telling,
}

#[derive(Debug, Default)]
pub(super) struct Lexicon {
    stems: Stems,
    /// From a word as it is written in the FAQ to its stem, which saves the stemmer's work.
    known: HashMap<String, u32>,
    /// From a stem to its number.
    numbers: HashMap<String, u32>,
    /// Per number, what it means: itself, or its group's number.
    meaning: Vec<Term>,
    /// Per number.
    kinds: Vec<Kind>,
    /// Phrases that stand for a group, by the number of their first word, longest first.
    phrases: HashMap<u32, Vec<(Vec<u32>, Term)>>,
    typos: Typos,
}

impl Lexicon {
    pub(super) fn new(faq: &Faq) -> Self {
        let mut lexicon = Self::default();
        for group in faq.synonyms.values().flatten() {
            let members: Vec<Vec<u32>> = group
                .iter()
                .map(|member| words(member).into_iter().map(|word| lexicon.learn(word)).collect())
                .collect();
            let term = lexicon.term_of(&members);
            for member in members {
                match member.as_slice() {
                    [] => {}
                    [one] => lexicon.meaning[*one as usize] = term,
                    [first, ..] => lexicon.phrases.entry(*first).or_default().push((member, term)),
                }
            }
        }
        for phrases in lexicon.phrases.values_mut() {
            phrases.sort_by_key(|(numbers, _)| std::cmp::Reverse(numbers.len()));
        }
        lexicon
    }

    /// How many terms there are.
    pub(super) const fn len(&self) -> usize {
        self.meaning.len()
    }

    pub(super) fn kind(&self, term: Term) -> Kind {
        self.kinds[term as usize]
    }

    /// What the members of a group mean: what one of them means already by a group of another language, or something
    /// new. Whoever puts common words into a group says that they tell something; little ones stay little.
    fn term_of(&mut self, members: &[Vec<u32>]) -> Term {
        let singles = members.iter().filter_map(|member| <[u32; 1]>::try_from(member.as_slice()).ok());
        let known =
            singles.clone().find_map(|[one]| Some(self.meaning[one as usize]).filter(|term| *term != one));
        let is_little = |number: &u32| self.kinds[*number as usize] == Kind::Stop;
        let kind = if members.iter().flatten().all(is_little) { Kind::Stop } else { Kind::Telling };
        known.unwrap_or_else(|| self.push(kind))
    }

    fn push(&mut self, kind: Kind) -> u32 {
        let number = u32::try_from(self.meaning.len()).unwrap_or(u32::MAX);
        self.meaning.push(number);
        self.kinds.push(kind);
        number
    }

    /// The number of a word's stem; a new one if it has none.
    fn learn(&mut self, word: String) -> u32 {
        let word = plain(word);
        let stem = self.stems.stem(&word);
        let kind = kind_of(&word, &stem);
        let number = match self.numbers.get(&stem) {
            Some(number) => *number,
            None => {
                let number = self.push(kind);
                self.typos.insert(&stem, number);
                self.numbers.insert(stem, number);
                number
            }
        };
        if kind == Kind::Telling {
            self.typos.insert(&word, number);
        }
        self.known.insert(word, number);
        number
    }

    /// The terms of a phrase of the FAQ, each once.
    pub(super) fn learn_all(&mut self, text: &str) -> Vec<Term> {
        let numbers: Vec<Option<(u32, f32)>> =
            words(text).into_iter().map(|word| Some((self.learn(word), 1.0))).collect();
        let mut terms = Vec::with_capacity(numbers.len());
        self.fold(&numbers, |word| {
            if let Word::Known { term, .. } = word
                && !terms.contains(&term)
            {
                terms.push(term);
            }
        });
        terms
    }

    /// What the words of a text are, as far as it is read.
    pub(super) fn read(&self, words: &[String]) -> Vec<Word> {
        let words = &words[..words.len().min(MOST_WORDS)];
        let numbers: Vec<Option<(u32, f32)>> = words.iter().map(|word| self.recognise(word)).collect();
        let mut read = Vec::with_capacity(words.len());
        self.fold_at(&numbers, |at, word| {
            read.push(match word {
                Word::Unknown(_) => Word::Unknown(kind_of(&words[at], &self.stems.stem(&words[at]))),
                known @ Word::Known { .. } => known,
            });
        });
        read
    }

    fn recognise(&self, word: &str) -> Option<(u32, f32)> {
        if let Some(number) = self.known.get(word) {
            return Some((*number, 1.0));
        }
        let word = plain(word.to_owned());
        let stem = self.stems.stem(&word);
        let exact = self.known.get(&word).or_else(|| self.numbers.get(&stem)).map(|number| (*number, 1.0));
        // A word that everybody knows is not misspelt.
        let guess = || self.typos.find(&word).or_else(|| self.typos.find(&stem)).map(|one| (one, MISSPELT));
        exact.or_else(|| if kind_of(&word, &stem) == Kind::Telling { guess() } else { None })
    }

    fn fold(&self, numbers: &[Option<(u32, f32)>], mut each: impl FnMut(Word)) {
        self.fold_at(numbers, |_, word| each(word));
    }

    /// Goes through the words from left to right; where a phrase stands that has synonyms, it is one word.
    fn fold_at(&self, numbers: &[Option<(u32, f32)>], mut each: impl FnMut(usize, Word)) {
        let mut at = 0;
        while at < numbers.len() {
            let Some((number, sure)) = numbers[at] else {
                each(at, Word::Unknown(Kind::Telling));
                at += 1;
                continue;
            };
            let phrase = self.phrases.get(&number).and_then(|phrases| {
                phrases.iter().find(|(phrase, _)| {
                    let there = numbers.get(at..at + phrase.len());
                    there.is_some_and(|there| {
                        phrase.iter().zip(there).all(|(wanted, is)| is.is_some_and(|(is, _)| is == *wanted))
                    })
                })
            });
            match phrase {
                Some((phrase, term)) => {
                    each(at, Word::Known { term: *term, sure: 1.0 });
                    at += phrase.len();
                }
                None => {
                    each(at, Word::Known { term: self.meaning[number as usize], sure });
                    at += 1;
                }
            }
        }
    }
}

fn kind_of(word: &str, stem: &str) -> Kind {
    if is_stop(word) {
        Kind::Stop
    } else if is_common(stem) {
        Kind::Common
    } else {
        Kind::Telling
    }
}

/// A word without what people write one way or the other: `стэк` and `стек`, `heeelp` and `help`.
fn plain(word: String) -> String {
    let mut last = ('\0', '\0');
    let has_run = word.chars().any(|c| {
        let run = last == (c, c);
        last = (last.1, c);
        run
    });
    if !has_run && !word.contains('э') {
        return word;
    }
    let mut out = String::with_capacity(word.len());
    let mut run = 0;
    let chars: Vec<char> = word.chars().map(|c| if c == 'э' { 'е' } else { c }).collect();
    for (at, c) in chars.iter().enumerate() {
        run = if at > 0 && chars[at - 1] == *c { run + 1 } else { 0 };
        let in_long_run = run > 0 && {
            let back = chars[..at].iter().rev().take_while(|other| *other == c).count();
            let ahead = chars[at + 1..].iter().take_while(|other| *other == c).count();
            back + ahead >= 2
        };
        if !in_long_run {
            out.push(*c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bot_folder::Lang;

    use super::*;

    fn lexicon() -> Lexicon {
        let groups: Vec<Vec<String>> =
            [vec!["price", "how much", "what does it cost"], vec!["стек", "технологии"]]
                .into_iter()
                .map(|group| group.into_iter().map(str::to_owned).collect())
                .collect();
        let faq = Faq { synonyms: BTreeMap::from([(Lang::EN, groups)]), ..Faq::default() };
        let mut lexicon = Lexicon::new(&faq);
        lexicon.learn_all("give me your price for kubernetes");
        lexicon
    }

    fn terms(lexicon: &Lexicon, text: &str) -> Vec<Word> {
        lexicon.read(&words(text))
    }

    #[test]
    fn a_phrase_is_the_word_it_stands_for() {
        let lexicon = lexicon();
        let price = terms(&lexicon, "prices")[0];
        assert_eq!(terms(&lexicon, "how much"), [price]);
        assert_eq!(terms(&lexicon, "what does it cost")[0], price);
        assert_ne!(terms(&lexicon, "much")[0], price);
    }

    #[test]
    fn words_are_recognised_as_people_write_them() {
        let lexicon = lexicon();
        assert_eq!(terms(&lexicon, "стэк"), terms(&lexicon, "технология"));
        assert_eq!(terms(&lexicon, "priceee"), terms(&lexicon, "price"));
        let Word::Known { sure, .. } = terms(&lexicon, "kubrnetes")[0] else { panic!("it is known") };
        assert!(sure < 1.0);
        assert_eq!(terms(&lexicon, "nile"), [Word::Unknown(Kind::Telling)]);
        assert_eq!(terms(&lexicon, "the"), [Word::Unknown(Kind::Stop)]);
    }

    #[test]
    fn a_long_text_is_not_read_to_its_end() {
        assert_eq!(lexicon().read(&vec!["price".to_owned(); 4_000]).len(), MOST_WORDS);
    }

    #[test]
    fn plain_words_keep_their_double_letters() {
        let plain = |word: &str| plain(word.to_owned());
        assert_eq!(
            [plain("billing"), plain("heeelp"), plain("ddd"), plain("сервис")],
            ["billing", "help", "d", "сервис"]
        );
        assert_eq!([plain("billl"), plain("бээкап")], ["bil", "беекап"]);
    }
}
