//! Puts the cases of a bot's `eval/model/` to models, along the way that every question takes: the search in what the bot
//! knows, the prompt with its masks and fences, the call over HTTP, and the checks of what came back. Nobody is answered
//! and nothing is booked.
//!
//! Offline, a provider on the loopback writes what the case's scripts say, honest and hostile ones. A real model is asked
//! only after that provider has seen, and approved of, what it is to be shown.

mod gate;
mod judge;
mod provider;
mod shown;
mod stage;
mod words;

use bot_folder::{BotFolder, CaseScript, Category, Files, ModelCase, ModelEnd};
use ids::{Clock, Ids, Pii};
use pg::{PgError, Pool};

pub use gate::{Margins, Regression, baseline_of, regressions};

use crate::config::LlmConfig;
use crate::domain::prompt::NO_ANSWER;
use crate::error::LlmError;
use crate::rehearsal::{Rehearsed, prepare};
use provider::{Script, Scripted};
use shown::Shown;
use stage::Stage;

/// Who a baseline of scripts is of.
pub const SCRIPTS: &str = "scripts";

/// The cases of a bot, ready to be tried.
#[derive(Debug)]
pub struct Evaluation {
    config: LlmConfig,
    pool: Pool,
    clock: Clock,
    ids: Ids,
    files: Files,
    bot: BotFolder,
}

/// Cases whose name, category or attack holds these letters; without any, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only(pub Option<String>);

/// One thing to be tried: a case with one of its scripts, or a case with a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// The case's, or `case › script`.
    pub name: String,
    pub category: Category,
    case: usize,
    script: Option<usize>,
}

/// What came of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    pub name: String,
    pub category: Category,
    /// In sentences; none where all was as it has to be.
    pub faults: Vec<String>,
    /// "answered", "unknown" or "failed".
    pub outcome: &'static str,
    pub reason: Option<String>,
    pub text: Option<Pii<String>>,
    pub citations: Vec<String>,
    /// Millionths of a US dollar; of a script, what its tokens would cost with a small model.
    pub cost_micros: i64,
    /// `None` for a script.
    pub took_ms: Option<u64>,
}

impl Evaluation {
    /// `files` are those of the folder `name`.
    ///
    /// # Errors
    /// Mistakes in the folder.
    pub fn new(
        config: LlmConfig,
        pool: Pool,
        (clock, ids): (Clock, Ids),
        name: &str,
        files: Files,
    ) -> Result<Self, LlmError> {
        let bot = BotFolder::from_files(name, &files)
            .map_err(|source| LlmError::Bot { path: name.into(), source })?;
        Ok(Self { config, pool, clock, ids, files, bot })
    }

    #[must_use]
    pub const fn bot(&self) -> &BotFolder {
        &self.bot
    }

    /// Every case with every one of its scripts.
    #[must_use]
    pub fn scripts(&self, only: &Only) -> Vec<Try> {
        let with_scripts = |one: Try| {
            let scripts = self.case(&one).map(|case| case.scripts.as_slice()).unwrap_or_default();
            let with = move |(nth, script): (usize, &CaseScript)| Try {
                name: format!("{} › {}", one.name, script.name),
                script: Some(nth),
                ..one.clone()
            };
            scripts.iter().enumerate().map(with).collect::<Vec<_>>()
        };
        self.cases(only).into_iter().flat_map(with_scripts).collect()
    }

    /// Every case, for a model.
    #[must_use]
    pub fn cases(&self, only: &Only) -> Vec<Try> {
        let numbered = self.bot.model_cases.iter().enumerate().filter(|(_, case)| only.wants(case));
        numbered
            .map(|(nth, case)| Try {
                name: case.name.clone(),
                category: case.category,
                case: nth,
                script: None,
            })
            .collect()
    }

    /// Has what the bot knows in the database.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn prepare(&self) -> Result<(), PgError> {
        prepare(&self.pool, &self.clock, &self.bot).await
    }

    /// Whether the settings have this model (`provider/model`).
    #[must_use]
    pub fn has_model(&self, model: &str) -> bool {
        stage::of_model(&self.config, model).is_some()
    }

    /// Tries a case with its script.
    ///
    /// # Errors
    /// What the database refuses, and a loopback that can not be listened on.
    pub async fn with_script(&self, one: &Try) -> Result<Ran, LlmError> {
        let Some(case) = self.case(one) else { return Ok(one.gone()) };
        let Some(script) = one.script.and_then(|nth| case.scripts.get(nth)) else { return Ok(one.gone()) };
        let own = self.own_bot(case).await?;
        let acted = self.acts(case, own.as_ref().unwrap_or(&self.bot), script).await;
        self.forget(own.as_ref()).await?;
        let Acted { ended, shown, mut faults } = acted?;
        if shown.len() < script.says.len() && faults.is_empty() {
            let (was, says) = (shown.len(), script.says.len());
            faults.push(format!("it was asked {was} times, and the script has {says} texts to say"));
        }
        faults.extend(judge::shown(case, &shown));
        faults.extend(judge::ended(case, Some(script.outcome), &ended, &shown));
        Ok(one.ran(faults, ended, None))
    }

    /// Tries a case with a real model, once the provider on the loopback has seen what it is to be shown.
    ///
    /// # Errors
    /// As above, and settings that have no such model.
    pub async fn with_model(&self, model: &str, one: &Try) -> Result<Ran, LlmError> {
        let Some(case) = self.case(one) else { return Ok(one.gone()) };
        let Some(config) = stage::of_model(&self.config, model) else { return Ok(one.gone()) };
        let own = self.own_bot(case).await?;
        let bot = own.as_ref().unwrap_or(&self.bot);
        let silent = CaseScript {
            name: String::new(),
            says: vec![NO_ANSWER.to_owned()],
            tool: None,
            outcome: ModelEnd::Unknown,
        };
        let mut looked = self.acts(case, bot, &silent).await;
        if let Ok(looked) = &mut looked {
            looked.faults.extend(judge::shown(case, &looked.shown));
        }
        let asked = match &looked {
            Ok(looked) if looked.faults.is_empty() => Some(self.stage(case, bot).ask(&config).await),
            _ => None,
        };
        self.forget(own.as_ref()).await?;
        let Acted { ended: silence, shown, mut faults } = looked?;
        let Some(asked) = asked else { return Ok(one.ran(faults, silence, None)) };
        let (ended, took) = asked?;
        faults.extend(judge::ended(case, case.expect.outcome, &ended, &shown));
        let dollars = ended.cost_micros as f64 / 1e6;
        if case.expect.most_dollars.is_some_and(|most| dollars > most) {
            faults.push(format!("it cost ${dollars:.6}"));
        }
        if case.expect.most_seconds.is_some_and(|most| took.as_secs_f64() > most) {
            faults.push(format!("it took {:.1} s", took.as_secs_f64()));
        }
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Ok(one.ran(faults, ended, Some(took_ms)))
    }

    /// Asks the provider on the loopback.
    async fn acts(&self, case: &ModelCase, bot: &BotFolder, script: &CaseScript) -> Result<Acted, LlmError> {
        let titles = case.documents.iter().map(|document| &document.title).chain(&case.expect.cites);
        let script = Script {
            says: script.says.clone(),
            tool: script.tool.clone(),
            source: titles.into_iter().next().cloned(),
        };
        let provider = Scripted::start(script).await.map_err(|error| LlmError::Client(error.into()))?;
        let (ended, _) = self.stage(case, bot).ask(&stage::scripted(&provider.base_url)).await?;
        let (shown, faults) = provider.seen();
        Ok(Acted { ended, shown, faults })
    }

    fn stage<'a>(&'a self, case: &'a ModelCase, bot: &'a BotFolder) -> Stage<'a> {
        Stage { pool: &self.pool, clock: &self.clock, ids: &self.ids, case, bot }
    }

    fn case(&self, one: &Try) -> Option<&ModelCase> {
        self.bot.model_cases.get(one.case)
    }

    /// The bot with the case's documents, where it brings some; what it knows is stored.
    async fn own_bot(&self, case: &ModelCase) -> Result<Option<BotFolder>, LlmError> {
        let own = stage::with_documents(self.bot.name(), &self.files, case, &self.ids)?;
        if let Some(bot) = &own {
            prepare(&self.pool, &self.clock, bot).await?;
        }
        Ok(own)
    }

    async fn forget(&self, own: Option<&BotFolder>) -> Result<(), PgError> {
        match own {
            Some(bot) => stage::forget(&self.pool, bot).await,
            None => Ok(()),
        }
    }
}

/// What came of asking the provider on the loopback, and what it found wrong.
struct Acted {
    ended: Rehearsed,
    shown: Vec<Shown>,
    faults: Vec<String>,
}

impl Only {
    fn wants(&self, case: &ModelCase) -> bool {
        let attack = case.attack.map_or("", bot_folder::Attack::as_str);
        let texts = [case.name.as_str(), case.category.as_str(), case.file.as_str(), attack];
        self.0.as_ref().is_none_or(|only| texts.iter().any(|text| words::stands_in(text, only)))
    }
}

impl Try {
    fn ran(&self, faults: Vec<String>, ended: Rehearsed, took_ms: Option<u64>) -> Ran {
        Ran {
            name: self.name.clone(),
            category: self.category,
            faults,
            outcome: ended.outcome,
            reason: ended.reason,
            text: ended.text,
            citations: ended.citations,
            cost_micros: ended.cost_micros,
            took_ms,
        }
    }

    /// It is of another folder, or of other settings.
    fn gone(&self) -> Ran {
        Ran {
            name: self.name.clone(),
            category: self.category,
            faults: vec!["there is no such case, script or model".to_owned()],
            outcome: "failed",
            reason: None,
            text: None,
            citations: Vec::new(),
            cost_micros: 0,
            took_ms: None,
        }
    }
}
