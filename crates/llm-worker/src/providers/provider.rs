//! A configured provider: what it takes until an answer has begun.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use ids::Ids;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::breaker::Breaker;
use super::error::{Told, Tries};
use super::keys::{Key, Keys};
use super::watched::{Place, Watch, watched};
use super::{Call, Endpoint, Listed, ModelInfo, Piece, Pieces, Problem, ProviderError};
use crate::config::{ProviderConfig, Retries};
use crate::domain::answer::Usage;

/// A provider, ready to be asked.
pub(crate) struct Provider {
    name: Arc<str>,
    keys: Keys,
    places: Arc<Semaphore>,
    breaker: Arc<Breaker>,
    first_token: Duration,
    total: Duration,
    retries: Retries,
    ids: Ids,
}

/// An answer that has begun.
pub(crate) struct Opened {
    pub(crate) pieces: Pieces,
    /// Calls made, failed ones included.
    pub(crate) attempts: u32,
    /// From the call that worked to its first piece.
    pub(crate) first_piece: Duration,
    /// What calls that were given up had used by then, as far as it was told.
    pub(crate) lost: Usage,
}

/// A call up to the first piece that is worth something.
struct Begun {
    first: VecDeque<Piece>,
    rest: Pieces,
}

impl Provider {
    /// `endpoints`: one for each key, in their order.
    pub(super) fn new(
        name: &str,
        config: &ProviderConfig,
        endpoints: Vec<Box<dyn Endpoint>>,
        ids: Ids,
    ) -> Self {
        Self {
            name: name.into(),
            keys: Keys::new(name, Duration::from_millis(config.key_rest_ms), endpoints),
            places: Arc::new(Semaphore::new(config.concurrency.into())),
            breaker: Arc::new(Breaker::new(name, config.breaker)),
            first_token: Duration::from_millis(config.timeouts.first_token_ms),
            total: Duration::from_millis(config.timeouts.total_ms),
            retries: config.retries,
            ids,
        }
    }

    /// The name it is configured by: the word in the ledger, the metrics and the events.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it answers, as far as is known.
    pub(crate) fn is_well(&self) -> bool {
        self.breaker.is_closed()
    }

    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Calls that one question may take, at most: each key may be found bad once, beside what is repeated.
    pub(crate) fn most_calls(&self) -> u32 {
        let others = u32::try_from(self.keys.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.retries.attempts.max(1).saturating_add(others)
    }

    /// Opens a call before `deadline` or says why not. What may work a moment later is repeated, as long as
    /// nothing has come back; it is not repeated from outside. `told` hears of each call before it is made.
    pub(crate) async fn open(
        &self,
        model: &ModelInfo,
        call: &Call,
        deadline: Instant,
        told: Told<'_>,
    ) -> Result<Opened, ProviderError> {
        if !call.asks() {
            return Err(ProviderError::new(Problem::NothingAsked, 0));
        }
        let place = self.place(deadline).await.map_err(|problem| ProviderError::new(problem, 0))?;
        // Each key may be found bad once, beside what is repeated.
        let (mut tries, mut others) = (Tries::default(), self.keys.len().saturating_sub(1));
        let mut repeats = self.retries.attempts.saturating_sub(1);
        loop {
            let failed = |problem| tries.failed(problem);
            let started = Instant::now();
            if started >= deadline {
                return Err(failed(Problem::NoTime));
            }
            let mut leave = self.breaker.ask().map_err(failed)?;
            let Some(key) = self.keys.best() else { return Err(failed(Problem::NoTime)) };
            let until = started.checked_add(self.total).map_or(deadline, |until| until.min(deadline));
            (tries.attempts, tries.is_open) = (tries.attempts + 1, true);
            told(tries);
            let problem = match self.begin(key, model, call, until, &mut tries).await {
                Ok(Begun { first, rest }) => {
                    self.keys.works(key);
                    leave.begun();
                    let first_piece = started.elapsed();
                    self.count_begun(model, first_piece);
                    let (provider, model) = (self.name.clone(), model.id.name().into());
                    let watch = Watch { provider, model, leave, _place: place, until, deadline, started };
                    let Tries { attempts, lost, .. } = tries;
                    return Ok(Opened { pieces: watched(first, rest, watch), attempts, first_piece, lost });
                }
                Err(problem) => problem,
            };
            tries.is_open = false;
            told(tries);
            leave.failed(problem.of_the_provider(deadline));
            self.count("dragoman_model_failures_total", problem.word());
            if self.keys.set_aside(key, &problem) && others > 0 {
                others -= 1;
                continue;
            }
            let drawn = self.retries.attempts - repeats;
            let pause = self.retries.pause(drawn, self.ids.fraction(), problem.wait());
            let in_time = Instant::now().checked_add(pause).is_some_and(|then| then < deadline);
            if !problem.is_retryable() || repeats == 0 || !in_time {
                return Err(tries.failed(problem));
            }
            repeats -= 1;
            tracing::warn!(
                provider = %self.name, attempt = tries.attempts, pause_ms = pause.as_millis() as u64,
                error = %classify::chain(&problem), "a call of the model failed and is repeated"
            );
            self.count("dragoman_model_repeats_total", problem.word());
            sleep(pause).await;
        }
    }

    /// A call with this one key, in the order of the settings, and nothing repeated: for who wants to know
    /// whether it works.
    pub(crate) async fn open_with_key(
        &self,
        key: usize,
        model: &ModelInfo,
        call: &Call,
    ) -> Result<Pieces, Problem> {
        let key = self.keys.get(key).ok_or(Problem::NoTime)?;
        let until = Instant::now() + self.total;
        let begun = self.begin(key, model, call, until, &mut Tries::default()).await?;
        Ok(Box::pin(futures::stream::iter(begun.first.into_iter().map(Ok)).chain(begun.rest)))
    }

    /// What models it says it has.
    pub(crate) async fn listed(&self) -> Result<Vec<Listed>, Problem> {
        let Some(key) = self.keys.best() else { return Ok(Vec::new()) };
        let asked = tokio::time::timeout(self.first_token, key.endpoint().models());
        asked.await.unwrap_or(Err(Problem::TimedOut))
    }

    /// A place among the calls under way, as soon as there is one.
    async fn place(&self, deadline: Instant) -> Result<Place, Problem> {
        let permit = match self.places.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let _waiting = Waiting::new(&self.name);
                let waited = timeout_at(deadline, self.places.clone().acquire_owned()).await;
                waited.ok().and_then(Result::ok).ok_or(Problem::Crowded)?
            }
        };
        Ok(Place::new(&self.name, permit))
    }

    /// Makes a call, and waits for the first piece that somebody may see or that was paid for.
    async fn begin(
        &self,
        key: &Key,
        model: &ModelInfo,
        call: &Call,
        until: Instant,
        tries: &mut Tries,
    ) -> Result<Begun, Problem> {
        let patience = Instant::now().checked_add(self.first_token).map_or(until, |then| then.min(until));
        let mut first = VecDeque::new();
        let beginning = async {
            let mut rest = key.endpoint().open(model.id.name(), call).await?;
            loop {
                let piece = rest.next().await.unwrap_or(Err(Problem::Cut))?;
                let counts = !matches!(piece, Piece::Model(_) | Piece::Usage(_));
                first.push_back(piece);
                if counts {
                    return Ok(rest);
                }
            }
        };
        let begun = timeout_at(patience, beginning).await.unwrap_or(Err(Problem::TimedOut));
        match begun {
            Ok(rest) => Ok(Begun { first, rest }),
            Err(problem) => {
                let used = first.iter().rev().find_map(|piece| match piece {
                    Piece::Usage(usage) => Some(*usage),
                    _ => None,
                });
                match used {
                    Some(used) => tries.lost = tries.lost.with(used),
                    None if problem.may_be_paid_for() => tries.unheard += 1,
                    None => {}
                }
                Err(problem)
            }
        }
    }

    fn count(&self, name: &'static str, reason: &'static str) {
        metrics::counter!(name, "provider" => self.name.to_string(), "reason" => reason).increment(1);
    }

    fn count_begun(&self, model: &ModelInfo, first_piece: Duration) {
        let (provider, model) = (self.name.to_string(), model.id.name().to_owned());
        metrics::histogram!("dragoman_model_first_piece_seconds", "provider" => provider, "model" => model)
            .record(first_piece.as_secs_f64());
    }
}

/// Somebody who waits for a place.
struct Waiting<'a>(&'a Arc<str>);

impl<'a> Waiting<'a> {
    fn new(provider: &'a Arc<str>) -> Self {
        metrics::gauge!("dragoman_model_calls_waiting", "provider" => provider.to_string()).increment(1.0);
        Self(provider)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        metrics::gauge!("dragoman_model_calls_waiting", "provider" => self.0.to_string()).decrement(1.0);
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}
