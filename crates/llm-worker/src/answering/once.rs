//! One call of the first model that answers nobody: for a draft that a person reads first. It is paid for like any
//! other.

use classify::Failure;
use ids::Clock;
use tokio::time::Instant;

use super::bills::Bills;
use super::meter::Meter;
use super::paying::{Held, Till};
use super::{Asked, Asker, named};
use crate::domain::answer::Answer;
use crate::money::Refusal;
use crate::providers::ProviderError;
use crate::store::ledger::Entry;

/// How it ended.
pub(crate) enum Once {
    Answered(Box<Answer>),
    Failed(ProviderError),
    /// There is no money for it.
    Refused(Refusal),
    /// A call of this name has ended before.
    Ended,
}

impl Till {
    /// Makes the call and books it; `why` is what the ledger calls it. Fails only where our own database does.
    pub(crate) async fn once(
        &self,
        asker: &Asker,
        asked: Asked<'_>,
        why: &str,
        clock: &Clock,
    ) -> Result<Once, Failure> {
        let (started, model) = (Instant::now(), asker.catalog.first());
        let bill = match self.hold(&asked, why, asked.question, model, false).await? {
            Held::Yes(bill) => bill,
            Held::Ended => return Ok(Once::Ended),
            Held::Refused(refusal) => return Ok(Once::Refused(refusal)),
        };
        let (meter, mut bills) = (Meter::default(), Bills::default());
        bills.begin(bill, &meter, &model.info.id);
        let result = asker.ask_in_time(model, asked.question, asked.deadline, &meter, None).await;
        bills.ends(&result);
        let (came, seen) = (bills.of(Some(&model.info.id)), meter.seen());
        let entry = Entry {
            request_id: asked.request_id.to_owned(),
            bot: asked.who.bot.clone(),
            outcome: if result.is_ok() { "answered" } else { "failed" },
            reason: Some(why.to_owned()),
            provider: model.provider.name().to_owned(),
            model: result.as_ref().map_or_else(|_| model.info.id.name().to_owned(), |a| named(&a.model)),
            usage: came.usage,
            cost_micros: came.micros,
            attempts: came.attempts,
            took_ms: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
            ended_at: clock.now(),
            mode: why.to_owned(),
            first_token_ms: seen.first_token_ms(started),
            finish_reason: seen.finish_word().to_owned(),
            ..Entry::default()
        };
        // Where nobody was asked there is nothing to settle.
        if let Some((reservation, spent)) = bills.into_one() {
            self.money.settle(reservation, spent, entry).await?;
        }
        Ok(match result {
            Ok(answer) => Once::Answered(Box::new(answer)),
            Err(error) => Once::Failed(error),
        })
    }
}
