//! What vectors cost, in the same books as answers. Those of passages are held before they are asked for; those of
//! questions, a few tokens each, are booked together every few seconds. A worker that is killed forgets the last ones.

use std::sync::atomic::Ordering;

use classify::Failure;
use ids::{Clock, Ids};

use super::Embeddings;
use crate::config::EmbeddingsConfig;
use crate::domain::answer::Usage;
use crate::domain::cost::Prices;
use crate::money::{Money, Reservation, Spent, Verdict, Who, estimate};
use crate::store::ledger::Entry;
use crate::store::vectors::Missing;

/// The word for vectors in the ledger, as mode and provider.
const WORD: &str = "embeddings";

/// Where they are booked.
pub(crate) struct Books {
    money: Money,
    clock: Clock,
    ids: Ids,
    prices: Prices,
    model: String,
}

impl Books {
    /// `None` where vectors cost nothing.
    pub(crate) fn new(money: &Money, clock: &Clock, ids: &Ids, config: &EmbeddingsConfig) -> Option<Self> {
        (config.price > 0).then(|| Self {
            money: money.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            prices: Prices { input: config.price, ..Prices::default() },
            model: config.model.trim().to_owned(),
        })
    }

    /// Holds what the vectors of these texts cost at most; `None` where there is no room for it.
    pub(super) async fn hold(&self, texts: &[Missing]) -> Result<Option<Reservation>, Failure> {
        let tokens = texts.iter().map(|one| estimate::most_tokens(&one.text)).sum();
        let micros = estimate::worst_case(&self.prices, tokens, 0, 1);
        let held = self.reserve(micros).await?;
        let Some(mut reservation) = held else {
            tracing::warn!(
                "the budget has no room for vectors: new knowledge is found by its words alone for now"
            );
            return Ok(None);
        };
        // Should this worker be stopped in the middle, the texts have been read.
        let likely = texts.iter().map(|one| estimate::tokens(one.text.len())).sum();
        let micros = self.prices.cost_micros(Usage { prompt: likely, ..Usage::default() });
        reservation.spends(Spent { micros, was_asked: true, is_reported: false });
        Ok(Some(reservation))
    }

    async fn reserve(&self, micros: i64) -> Result<Option<Reservation>, Failure> {
        let request_id = format!("{WORD}-{}", self.ids.uuid());
        let who = Who { mode: WORD.to_owned(), ..Who::default() };
        match self.money.reserve(&request_id, &who, &self.model, micros).await? {
            Verdict::Reserved(reservation) => Ok(Some(reservation)),
            Verdict::Refused(_) | Verdict::Ended => Ok(None),
        }
    }
}

impl Embeddings {
    /// Books what questions have used since the last time.
    pub(super) async fn book(&self, books: &Books) -> Result<(), Failure> {
        if self.used.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        // What was spent is spent; only a budget that is used up lets it wait for the next window.
        let Some(reservation) = books.reserve(0).await? else { return Ok(()) };
        self.book_as(books, reservation).await
    }

    /// Books everything that was used by now as this reservation.
    pub(super) async fn book_as(&self, books: &Books, reservation: Reservation) -> Result<(), Failure> {
        let tokens = i64::try_from(self.used.swap(0, Ordering::Relaxed)).unwrap_or(i64::MAX);
        let usage = Usage { prompt: tokens, reported: true, ..Usage::default() };
        let micros = books.prices.cost_micros(usage);
        let entry = Entry {
            request_id: format!("{WORD}-{}", books.ids.uuid()),
            outcome: "answered",
            reason: Some(WORD.to_owned()),
            provider: WORD.to_owned(),
            model: books.model.clone(),
            usage,
            cost_micros: micros,
            attempts: 1,
            ended_at: books.clock.now(),
            mode: WORD.to_owned(),
            ..Entry::default()
        };
        books.money.settle(reservation, Spent { micros, was_asked: true, is_reported: true }, entry).await?;
        Ok(())
    }
}
