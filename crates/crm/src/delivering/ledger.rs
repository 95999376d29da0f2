//! Every call to a CRM is noted before it is made and completed after it.

use std::time::{Duration, Instant};

use ids::Pii;
use pg::{PgError, Pool, in_time};

use crate::adapters::Trouble;
use crate::store::attempt::{self, Attempt, Known};

/// Why a delivery stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    Trouble(Trouble),
    /// The same, of one thing that it was about: the account takes everything else.
    OfOne(Trouble),
    /// What an earlier attempt may have done can not be looked for before so long.
    Settling(Duration),
    /// The CRM has said that it made this, and it is not found there.
    Lost(&'static str),
    /// Our own database.
    Ours(PgError),
}

impl Stop {
    /// Whether only what was asked is refused, and the account takes everything else.
    pub(crate) const fn is_of_this(&self) -> bool {
        matches!(self, Self::OfOne(_) | Self::Trouble(Trouble::Rejected { .. }))
    }
}

impl From<PgError> for Stop {
    fn from(error: PgError) -> Self {
        Self::Ours(error)
    }
}

pub(super) struct Ledger<'a> {
    pub(super) pool: &'a Pool,
    pub(super) account: &'a str,
    pub(super) delivery_id: &'a str,
    pub(super) settles_in: Duration,
}

impl Ledger<'_> {
    pub(super) async fn call<T>(
        &self,
        step: &'static str,
        call: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Stop> {
        let n = in_time(attempt::begin(self.pool, self.delivery_id, step)).await?;
        let started = Instant::now();
        let answer = call.await;
        let (outcome, status, note) = match &answer {
            Ok(_) => ("done", None, Pii::new(String::new())),
            Err(trouble) => (trouble.word(), trouble.status(), trouble.note()),
        };
        metrics::counter!(
            "dragoman_crm_calls_total", "account" => self.account.to_owned(), "outcome" => outcome
        )
        .increment(1);
        let attempt = Attempt {
            delivery_id: self.delivery_id.to_owned(),
            n,
            outcome,
            took_ms: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
            status,
            note,
        };
        // What was said counts, even where it can not be noted now; then it counts as unknown later.
        if let Err(error) = in_time(attempt::end_now(self.pool, &attempt)).await {
            tracing::warn!(account = self.account, error = %classify::chain(&error), "an attempt could not be noted");
        }
        answer.map_err(Stop::Trouble)
    }

    /// What earlier attempts of this delivery tell of a step.
    pub(super) async fn known(&self, step: &str) -> Result<Known, Stop> {
        Ok(in_time(attempt::known(self.pool, self.delivery_id, step)).await?)
    }

    /// The same, of a step that is looked for next.
    pub(super) async fn settled(&self, step: &str) -> Result<Known, Stop> {
        self.waited(self.known(step).await?)
    }

    /// A call may have its effect, and a search learn of it, long after the process that made the call is gone. So it is the
    /// age of the call that counts, whoever asks.
    pub(super) fn waited(&self, known: Known) -> Result<Known, Stop> {
        match known {
            Known::Unknown { since } | Known::Done { since } if since < self.settles_in => {
                Err(Stop::Settling(self.settles_in.saturating_sub(since)))
            }
            _ => Ok(known),
        }
    }
}
