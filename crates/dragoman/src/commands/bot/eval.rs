use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use bot::domain::Engine;
use bot::eval::{Asked, Classifier, Example, asked, guesses, measure, reliability};
use bot_folder::{BotFolder, LabelledSet, Purpose};

use super::eval_text::{Report, as_json, as_text};
use super::found;
use crate::cli::Eval;
use crate::commands::print;

/// Puts the questions of the labelled sets to the bots and prints how they were answered.
pub(super) fn eval(wanted: &Eval) -> Result<()> {
    let folders = found(wanted.bot.as_slice())?;
    let examples = wanted.train.as_deref().map(examples).transpose()?;
    let mut measured = 0;
    for folder in folders {
        let bot = BotFolder::load(&folder).with_context(|| format!("{}", folder.display()))?;
        let engine = Engine::new(Arc::new(bot));
        let questions = questions(engine.folder(), wanted)?;
        if questions.is_empty() {
            continue;
        }
        measured += 1;
        if let (Some(path), Some(examples)) = (&wanted.train, &examples) {
            refuse_unknown(path, examples, engine.folder())?;
        }
        let examples = examples
            .as_ref()
            .map(|examples| examples.iter().map(|(_, example)| example.clone()).collect::<Vec<_>>());
        let report = one(&engine, questions, examples.as_deref());
        print(&if wanted.json { as_json(&report) } else { as_text(&report) })?;
    }
    if measured == 0 {
        bail!("there is no such labelled set; write one in the bot's eval/, or name a file with --with");
    }
    Ok(())
}

fn one(engine: &Engine, questions: Vec<Asked>, examples: Option<&[Example]>) -> Report {
    let folder = engine.folder();
    let trained = examples.map(|examples| {
        let threshold = f64::from(folder.bot.thresholds.faq);
        let is_entry = |id: &str| folder.faq_entry(id).is_some();
        (examples.len(), Classifier::train(examples).measure(&questions, threshold, is_entry))
    });
    let outcomes = measure(engine, questions);
    let reliability = reliability(&guesses(engine, &outcomes));
    Report { bot: folder.name().to_owned(), outcomes, reliability, trained }
}

fn questions(folder: &BotFolder, wanted: &Eval) -> Result<Vec<Asked>> {
    if let Some(path) = &wanted.with {
        let text = fs::read_to_string(path).with_context(|| format!("{} can not be read", path.display()))?;
        let set = LabelledSet::from_yaml(&path.display().to_string(), &text)?;
        if let Some(unknown) = set.questions.iter().find(|one| folder.faq_entry(&one.answer).is_none()) {
            bail!("{}: {} has no entry `{}`", path.display(), folder.name(), unknown.answer);
        }
        return Ok(asked(folder, &set));
    }
    let purpose = match wanted.set.as_deref() {
        Some("tuning") => Some(Purpose::Tuning),
        Some(_) => Some(Purpose::HeldOut),
        None => None,
    };
    let sets = folder.eval.iter().filter(|set| purpose.is_none_or(|purpose| set.purpose == purpose));
    Ok(sets.flat_map(|set| asked(folder, set)).collect())
}

/// A classifier that is to answer what the bot has no answer for would only make the table look bad.
fn refuse_unknown(path: &Path, examples: &[(usize, Example)], folder: &BotFolder) -> Result<()> {
    match examples.iter().find(|(_, example)| folder.faq_entry(&example.answer).is_none()) {
        Some((line, example)) => {
            bail!("{}:{line}: faq.yml of {} has no entry `{}`", path.display(), folder.name(), example.answer)
        }
        None => Ok(()),
    }
}

/// Labelled conversations, one a line, each with the number of its line.
fn examples(path: &Path) -> Result<Vec<(usize, Example)>> {
    let text = fs::read_to_string(path).with_context(|| format!("{} can not be read", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let examples: Vec<(usize, Example)> = lines
        .map(|(nth, line)| {
            let example = serde_json::from_str(line).map_err(|error| {
                // The parser counts lines of the one line that it was given.
                let said = error.to_string();
                let what = said.split(" at line ").next().unwrap_or_default();
                let at = format!("{}:{}:{}", path.display(), nth + 1, error.column());
                anyhow!("{at}: a line is an object of `text` and `answer`: {what}")
            })?;
            Ok((nth + 1, example))
        })
        .collect::<Result<_>>()?;
    if examples.is_empty() {
        bail!("{} has no line to learn from", PathBuf::from(path).display());
    }
    Ok(examples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_example_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        fs::write(&path, "{\"text\": \"how much\", \"answer\": \"price\"}\n\n{\"text\": 5}\n").unwrap();
        let said = examples(&path).map(|_| ()).unwrap_err().to_string();
        let at = said.find("log.jsonl:3:10: a line is an object of `text` and `answer`: invalid type");
        assert!(at.is_some() && !said.contains("line 1"), "{said}");
        fs::write(&path, "\n{\"text\": \"how much\", \"answer\": \"prices\"}\n").unwrap();
        let read = examples(&path).unwrap();
        assert_eq!(read.len(), 1);
        let shipped = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../bots/dev2production"));
        let folder = BotFolder::load(shipped).unwrap();
        let said = refuse_unknown(&path, &read, &folder).unwrap_err().to_string();
        assert!(said.ends_with("log.jsonl:2: faq.yml of dev2production has no entry `prices`"), "{said}");
        fs::write(&path, "\n").unwrap();
        assert!(examples(&path).is_err());
    }
}
