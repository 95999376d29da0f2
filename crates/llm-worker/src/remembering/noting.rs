//! What a model writes that nobody waits for: a summary, a brief. It is paid for as an answer is.

use std::time::Duration;

use classify::{Classify, Failure};
use ids::Clock;
use tokio::time::Instant;

use crate::answering::{Asker, Bills, Meter, Terms};
use crate::money::{Money, Verdict, Who, estimate};
use crate::providers::Model;
use crate::store::ledger;

const LONGEST: Duration = Duration::from_secs(60);

/// Has notes written.
#[derive(Clone)]
pub(crate) struct Notes {
    pub(crate) asker: Asker,
    pub(crate) money: Money,
    pub(crate) clock: Clock,
}

/// A note that is wanted.
pub(super) struct Wanted<'a> {
    /// Its row in the ledger; it is written once.
    pub(super) request_id: String,
    pub(super) conversation_id: &'a str,
    pub(super) bot: &'a str,
    /// What it is, for the ledger.
    pub(super) kind: &'static str,
    /// Which template told the model what to write; empty: our own words.
    pub(super) prompt: &'a str,
    pub(super) instruction: &'a str,
    /// What it is made of, masked.
    pub(super) text: &'a str,
}

impl Notes {
    /// The text, as the model wrote it; empty where there is no money for it, or it was written before.
    pub(super) async fn write(&self, wanted: Wanted<'_>) -> Result<String, Failure> {
        let Wanted { request_id, conversation_id, bot, kind, prompt, instruction, text } = wanted;
        let started = Instant::now();
        let (bot, conversation_id) = (bot.to_owned(), conversation_id.to_owned());
        let who = Who {
            bot: bot.clone(),
            conversation_id: conversation_id.clone(),
            mode: kind.to_owned(),
            ..Who::default()
        };
        let model = self.asker.catalog.first();
        let id = &model.info.id;
        let terms = self.terms(model, instruction, text);
        let verdict = self.money.reserve(&request_id, &who, id.name(), terms.most_micros).await?;
        let Verdict::Reserved(reservation) = verdict else { return Ok(String::new()) };
        let (meter, mut bills) = (Meter::default(), Bills::default());
        bills.begin(Some((reservation, terms)), &meter, id);
        let noted = self.asker.note(instruction, text, started + LONGEST, &meter).await;
        bills.ends(&noted);
        // Dropped, a call that failed is settled by itself, and the note may be tried again under its name.
        let noted = noted.map_err(|error| Failure::new(error.class(), error))?;
        let (came, seen) = (bills.of(Some(id)), meter.seen());
        let entry = ledger::Entry {
            request_id,
            conversation_id,
            bot,
            outcome: "answered",
            reason: Some(kind.to_owned()),
            provider: noted.provider,
            model: noted.model,
            prompt: prompt.to_owned(),
            usage: came.usage,
            cost_micros: came.micros,
            attempts: came.attempts,
            took_ms: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
            ended_at: self.clock.now(),
            mode: kind.to_owned(),
            first_token_ms: seen.first_token_ms(started),
            finish_reason: seen.finish_word().to_owned(),
            ..ledger::Entry::default()
        };
        if let Some((reservation, spent)) = bills.into_one() {
            self.money.settle(reservation, spent, entry).await?;
        }
        Ok(noted.text)
    }

    /// What is held for it, and what it costs by what is seen of it.
    fn terms(&self, model: &Model, instruction: &str, text: &str) -> Terms {
        let most = estimate::most_tokens(instruction) + estimate::most_tokens(text);
        let (calls, answer) = (model.provider.most_calls(), self.asker.max_tokens());
        Terms {
            prices: model.info.prices,
            prompt_tokens: estimate::tokens(instruction.len() + text.len()),
            most_micros: estimate::worst_case(&model.info.prices, most, answer, calls),
        }
    }
}
