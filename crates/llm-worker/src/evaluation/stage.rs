//! Sets the stage for a case: the bot with the case's documents, what other people said, and the model that is asked.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bot_folder::{BotFolder, CaseTurn, Files, ModelCase};
use ids::{Clock, Ids, Pii};
use pg::{PgError, Pool};

use super::provider::{KEY, MODEL};
use crate::config::{LlmConfig, Prices, Retries, RoutingConfig};
use crate::domain::context::{Fact, Summary};
use crate::domain::question::Turn;
use crate::error::LlmError;
use crate::rehearsal::{Rehearsal, Rehearsed, turns};
use crate::remembering;
use crate::store::memory;
use crate::{knowledge, store};

/// What a script's tokens cost, in millionths of a US dollar per million: the price of a small model, so that a prompt
/// that grows is seen to.
const REFERENCE: Prices = Prices { input: 400_000, cached_input: None, output: 1_600_000 };

/// A conversation of a case, and those of other people.
pub(super) struct Stage<'a> {
    pub(super) pool: &'a Pool,
    pub(super) clock: &'a Clock,
    pub(super) ids: &'a Ids,
    pub(super) case: &'a ModelCase,
    pub(super) bot: &'a BotFolder,
}

impl Stage<'_> {
    /// Asks, and says how long it took. Nothing of it stays in the database.
    pub(super) async fn ask(&self, config: &LlmConfig) -> Result<(Rehearsed, Duration), LlmError> {
        let rehearsal = Rehearsal::new(config, self.pool.clone(), self.clock.clone(), self.ids.clone())?;
        let conversation = |_| self.ids.uuid().to_string();
        let own = conversation(0);
        let others: Vec<String> = (0..self.case.others.len()).map(conversation).collect();
        let asked = self.asked(&rehearsal, &own, &others).await;
        for id in others.iter().chain([&own]) {
            let mut tx = self.pool.begin().await.map_err(PgError::from)?;
            memory::erase(&mut tx, id).await?;
            tx.commit().await.map_err(PgError::from)?;
        }
        Ok(asked?)
    }

    async fn asked(
        &self,
        rehearsal: &Rehearsal,
        own: &str,
        others: &[String],
    ) -> Result<(Rehearsed, Duration), PgError> {
        for (id, said) in others.iter().zip(&self.case.others) {
            self.remember(id, said).await?;
        }
        let said = |turn: &CaseTurn| {
            let (by_person, text) = turn.said();
            (by_person, text.to_owned())
        };
        let said: Vec<(bool, String)> = self.case.talk.iter().map(said).collect();
        let turns = turns(&said);
        let fact =
            |(kind, value): (&String, &String)| Fact { kind: kind.clone(), value: Pii::new(value.clone()) };
        let facts = self.case.facts.iter().map(fact).collect();
        let begun = Instant::now();
        let memory = remembering::recall(self.pool, own, facts, &turns).await?;
        let ended =
            rehearsal.answer_remembering(self.bot, self.case.language.as_str(), turns, memory).await?;
        Ok((ended, begun.elapsed()))
    }

    /// What a person said in a conversation of their own, as it is kept: its masks, and a summary.
    async fn remember(&self, conversation_id: &str, said: &str) -> Result<(), PgError> {
        let turn = Turn { by_person: true, text: Pii::new(said.to_owned()) };
        remembering::recall(self.pool, conversation_id, Vec::new(), &[turn]).await?;
        let summary = Summary { text: said.to_owned(), version: 1, mark: String::new() };
        let mut tx = self.pool.begin().await?;
        memory::summarise(&mut tx, conversation_id, &summary).await?;
        Ok(tx.commit().await?)
    }
}

/// The bot as it is for this case alone; `None` where the case brings no documents.
pub(super) fn with_documents(
    name: &str,
    files: &Files,
    case: &ModelCase,
    ids: &Ids,
) -> Result<Option<BotFolder>, LlmError> {
    if case.documents.is_empty() {
        return Ok(None);
    }
    let mut files = files.clone();
    // Whoever tries the same case at this moment forgets another bot than this one.
    let mark = ids.uuid();
    for (nth, document) in case.documents.iter().enumerate() {
        let language = document.language.unwrap_or(case.language);
        // Whatever stands in the title: JSON is YAML.
        let title = serde_json::Value::from(document.title.as_str());
        let text = format!("---\ntitle: {title}\nlanguage: {language}\n---\n{}", document.text);
        files.push((format!("knowledge/of-the-case-{nth}-{mark}.md"), text.into_bytes()));
    }
    let bot = BotFolder::from_files(name, &files);
    bot.map(Some).map_err(|source| LlmError::Bot { path: name.into(), source })
}

/// Forgets what this bot knows: it was there for one case.
pub(super) async fn forget(pool: &Pool, bot: &BotFolder) -> Result<(), PgError> {
    store::documents::replace(pool, &knowledge::key(bot), &[]).await?;
    Ok(())
}

/// Settings by which a provider on the loopback is asked, whatever the installation's are.
pub(super) fn scripted(base_url: &str) -> LlmConfig {
    LlmConfig {
        base_url: base_url.to_owned(),
        api_key: ids::Secret::new(KEY),
        model: MODEL.to_owned(),
        prices: REFERENCE,
        retries: Retries { attempts: 1, ..Retries::default() },
        fallback_offline: false,
        ..LlmConfig::default()
    }
}

/// The installation's settings with this model (`provider/model`) alone: nobody steps in for it. `None` where they have no
/// such model.
pub(super) fn of_model(config: &LlmConfig, id: &str) -> Option<LlmConfig> {
    let (provider, name) = id.split_once('/')?;
    let mut only = LlmConfig {
        fallback_offline: false,
        routing: RoutingConfig {
            chains: BTreeMap::new(),
            weights: BTreeMap::new(),
            ..config.routing.clone()
        },
        ..config.clone()
    };
    only.providers.retain(|known, _| known == provider);
    if let Some(provider) = only.providers.get_mut(provider) {
        provider.models.retain(|model| model.name == name);
        provider.discover = false;
        only.base_url = String::new();
        return (!provider.models.is_empty()).then_some(only);
    }
    (provider == "default" && only.model == name && !only.base_url.is_empty()).then_some(only)
}
