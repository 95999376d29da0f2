use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use bot::domain::Engine;
use bot::eval::{Asked, Classifier, Example, asked, guesses, measure, reliability};
use bot_folder::{BotFolder, LabelledSet, Purpose};

use super::eval_text::{Report, as_json, as_text};
use super::{BOTS, found};
use crate::cli::Eval;
use crate::commands::print;

/// Puts the questions of the labelled sets to the bots and prints how they were answered.
pub(super) fn eval(wanted: &Eval) -> Result<()> {
    let folders = match &wanted.bot {
        Some(bot) if bot.is_dir() => vec![bot.clone()],
        Some(bot) => found(&[Path::new(BOTS).join(bot)])?,
        None => found(&[])?,
    };
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

/// Labelled conversations, one a line.
fn examples(path: &Path) -> Result<Vec<Example>> {
    let text = fs::read_to_string(path).with_context(|| format!("{} can not be read", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let examples: Vec<Example> = lines
        .map(|(nth, line)| {
            serde_json::from_str(line).with_context(|| {
                let at = format!("{}:{}", path.display(), nth + 1);
                format!("{at}: a line is an object of `text` and `answer`")
            })
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
        assert!(examples(&path).unwrap_err().to_string().contains("log.jsonl:3"));
        fs::write(&path, "{\"text\": \"how much\", \"answer\": \"price\"}\n").unwrap();
        assert_eq!(examples(&path).unwrap().len(), 1);
        fs::write(&path, "\n").unwrap();
        assert!(examples(&path).is_err());
    }
}
