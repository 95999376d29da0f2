//! `eval/*.yml` and `calibration.yml`.

use std::collections::HashMap;

use super::{File, Report, World, text};
use crate::yaml::Path;
use crate::{Calibration, LabelledSet, LocalizedList};

/// The questions of every set that has been read so far, each with what it ought to come to.
pub(crate) type Asked = HashMap<String, String>;

/// A labelled set: it names entries that there are, asks nothing twice, and nothing that is a pattern. For what a bot was
/// told word for word proves nothing about what it understands.
pub(crate) fn eval(
    world: &World<'_>,
    file: &File,
    set: &LabelledSet,
    asked: &mut Asked,
    report: &mut Report,
) {
    let told = told(world);
    let top = Path::default();
    let mut phrases = |path: &Path, wanted: &str, list: &LocalizedList, report: &mut Report| {
        text::list(world, file, path, list, report);
        for (lang, list) in list {
            for (nth, phrase) in list.iter().enumerate() {
                let path = path.key(lang).index(nth);
                let folded = folded(phrase);
                if let Some(whose) = told.get(&folded) {
                    let message = format!(
                        "`{phrase}` is also a pattern of `{whose}`; a labelled set is kept apart from the patterns: put it \
                         in another way, or take the pattern out"
                    );
                    report.wrong(file, &path, message);
                }
                if let Some(other) = asked.insert(folded, wanted.to_owned()) {
                    let message = format!("`{phrase}` stands twice (also for `{other}`); remove one");
                    report.wrong(file, &path, message);
                }
            }
        }
    };
    for (nth, labelled) in set.questions.iter().enumerate() {
        let path = top.key("questions").index(nth);
        let is_known = |faq: &crate::Faq| faq.entries.iter().any(|entry| entry.id == labelled.answer);
        if world.faq.is_some_and(|faq| !is_known(faq)) {
            let message = format!("there is no entry `{}` in faq.yml", labelled.answer);
            report.wrong(file, &path.key("answer"), message);
        }
        phrases(&path, &labelled.answer, &labelled.phrases, report);
    }
    phrases(&top.key("nothing"), "nothing", &set.nothing, report);
    phrases(&top.key("human"), "human", &set.human, report);
}

/// Everything the FAQ was told word for word, and whose pattern it is.
fn told<'a>(world: &World<'a>) -> HashMap<String, &'a str> {
    let mut told = HashMap::new();
    for phrase in world.faq.iter().flat_map(|faq| faq.nothing.values().flatten()) {
        told.insert(folded(phrase), "nothing");
    }
    for entry in world.faq.iter().flat_map(|faq| &faq.entries) {
        // A keyword is a word of the trade, and a question may be nothing but that word.
        let lists = entry.patterns.values().flatten().map(String::as_str);
        for phrase in entry.question.iter().map(|(_, text)| text).chain(lists) {
            told.insert(folded(phrase), entry.id.as_str());
        }
    }
    told
}

/// A phrase as it is compared: small letters, `ё` as `е`, words divided by one space.
fn folded(phrase: &str) -> String {
    let lower = phrase.to_lowercase().replace('ё', "е");
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

pub(crate) fn calibration(file: &File, calibration: &Calibration, report: &mut Report) {
    let top = Path::default();
    let numbers = calibration.weights.iter().map(|(name, weight)| (top.key("weights").key(name), *weight));
    for (path, number) in std::iter::once((top.key("bias"), calibration.bias)).chain(numbers) {
        if !number.is_finite() {
            report.wrong(file, &path, "this is no number; write the file anew with `dragoman bot calibrate`");
        }
    }
}
