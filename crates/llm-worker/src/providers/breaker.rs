//! A provider that fails again and again is left alone for a while, and then tried with one call.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Problem;
use crate::config::BreakerConfig;

#[derive(Debug)]
pub(super) struct Breaker {
    provider: String,
    failures: u32,
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// So many failures in a row.
    Closed(u32),
    LeftAlone {
        until: Instant,
    },
    /// One call is under way that shows whether it works again.
    Tried,
}

/// Leave to make one call, and the duty to say what came of it. Dropped without a word, it says nothing.
pub(super) struct Leave {
    breaker: Arc<Breaker>,
    is_trial: bool,
    is_told: bool,
}

impl Breaker {
    pub(super) fn new(provider: &str, config: BreakerConfig) -> Self {
        let breaker = Self {
            provider: provider.to_owned(),
            failures: config.failures,
            rest: Duration::from_millis(config.rest_ms),
            state: Mutex::new(State::Closed(0)),
        };
        breaker.show(State::Closed(0));
        breaker
    }

    pub(super) fn ask(self: &Arc<Self>) -> Result<Leave, Problem> {
        let now = Instant::now();
        let mut is_trial = false;
        let mut refused = None;
        self.change(|state| match state {
            State::Closed(_) => state,
            State::LeftAlone { until } if until <= now => {
                is_trial = true;
                State::Tried
            }
            State::LeftAlone { until } => {
                refused = Some(until - now);
                state
            }
            State::Tried => {
                refused = Some(Duration::from_secs(1));
                state
            }
        });
        match refused {
            Some(wait) => Err(Problem::LeftAlone { wait }),
            None => Ok(Leave { breaker: self.clone(), is_trial, is_told: false }),
        }
    }

    /// Whether it is asked without a second thought.
    pub(super) fn is_closed(&self) -> bool {
        matches!(*self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Closed(_))
    }

    fn change(&self, next: impl FnOnce(State) -> State) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *state;
        *state = next(before);
        if std::mem::discriminant(&before) != std::mem::discriminant(&state) {
            self.show(*state);
            if matches!(*state, State::LeftAlone { .. }) {
                tracing::warn!(provider = self.provider, "the provider failed too often and is left alone");
            }
        }
    }

    /// 0: it works. 1: one call tries it. 2: it is left alone.
    fn show(&self, state: State) {
        let level = match state {
            State::Closed(_) => 0.0,
            State::Tried => 1.0,
            State::LeftAlone { .. } => 2.0,
        };
        metrics::gauge!("dragoman_model_breaker", "provider" => self.provider.clone()).set(level);
    }
}

impl Leave {
    /// The answer has begun. In the trial that is proof enough.
    pub(super) fn begun(&mut self) {
        if std::mem::take(&mut self.is_trial) {
            self.breaker.change(|_| State::Closed(0));
        }
    }

    pub(super) fn worked(mut self) {
        self.is_told = true;
        self.breaker.change(|state| match state {
            State::Closed(_) => State::Closed(0),
            state => state,
        });
        if self.is_trial {
            self.breaker.change(|_| State::Closed(0));
        }
    }

    /// Only what says that the provider as a whole does not work counts. A refusal shows that it does.
    pub(super) fn failed(mut self, problem: &Problem) {
        if !problem.is_unhealthy() {
            if !matches!(problem, Problem::RateLimited { .. } | Problem::NoTime) {
                self.worked();
            }
            return;
        }
        self.is_told = true;
        let (is_trial, breaker) = (self.is_trial, &self.breaker);
        let until = Instant::now() + breaker.rest;
        breaker.change(|state| match state {
            State::Closed(failed) if failed + 1 < breaker.failures => State::Closed(failed + 1),
            State::Closed(_) => State::LeftAlone { until },
            State::Tried if is_trial => State::LeftAlone { until },
            state => state,
        });
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        // A trial that nobody waited for shows nothing: the next call is one.
        if self.is_trial && !self.is_told {
            let now = Instant::now();
            self.breaker.change(|state| match state {
                State::Tried => State::LeftAlone { until: now },
                state => state,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::time::advance;

    const BUSY: Problem = Problem::Busy { status: 503, wait: Duration::ZERO };
    const REST: Duration = Duration::from_secs(15);

    fn breaker() -> Arc<Breaker> {
        Arc::new(Breaker::new("p", BreakerConfig { failures: 3, rest_ms: 15_000 }))
    }

    fn fail(breaker: &Arc<Breaker>, times: usize) {
        for _ in 0..times {
            breaker.ask().unwrap().failed(&BUSY);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_fails_in_a_row_is_left_alone_and_then_tried_once() {
        let breaker = breaker();
        fail(&breaker, 2);
        breaker.ask().unwrap().worked();
        fail(&breaker, 3);
        assert!(matches!(breaker.ask(), Err(Problem::LeftAlone { wait }) if wait == REST));
        advance(REST).await;
        let trial = breaker.ask().unwrap();
        assert!(breaker.ask().is_err(), "one call tries it, not all");
        trial.failed(&BUSY);
        assert!(breaker.ask().is_err());
        advance(REST).await;
        let mut trial = breaker.ask().unwrap();
        trial.begun();
        assert!(breaker.ask().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_nobody_waits_for_is_made_by_the_next() {
        let breaker = breaker();
        fail(&breaker, 3);
        advance(REST).await;
        drop(breaker.ask().unwrap());
        assert!(breaker.ask().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_no_failure_of_the_provider() {
        let breaker = breaker();
        for _ in 0..10 {
            breaker.ask().unwrap().failed(&Problem::Refused { status: 400, said: String::new() });
            breaker.ask().unwrap().failed(&Problem::RateLimited { status: 429, wait: Duration::ZERO });
        }
        assert!(breaker.ask().is_ok());
    }

    proptest! {
        #[test]
        fn it_never_stays_shut(steps in proptest::collection::vec(0u8..5, 0..60)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
            runtime.unwrap().block_on(async {
                let breaker = breaker();
                let mut held = Vec::new();
                for step in steps {
                    match step {
                        0 => held.extend(breaker.ask().ok()),
                        1 => held.pop().into_iter().for_each(Leave::worked),
                        2 => held.pop().into_iter().for_each(|leave| leave.failed(&BUSY)),
                        3 => { held.pop(); }
                        _ => advance(REST).await,
                    }
                }
                held.clear();
                advance(REST).await;
                assert!(breaker.ask().is_ok());
            });
        }
    }
}
