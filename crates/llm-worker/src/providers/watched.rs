//! An answer under way: it holds its place among the calls, ends at its time, and tells what became of it.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::{StreamExt, stream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use super::breaker::Leave;
use super::{Finish, Piece, Pieces, Problem};

/// What is to be known of a call while its answer comes.
pub(super) struct Watch {
    pub(super) provider: Arc<str>,
    pub(super) model: Arc<str>,
    pub(super) leave: Leave,
    /// Its place among the calls under way; held until the answer has ended or nobody wants it any more.
    pub(super) _place: Place,
    pub(super) until: Instant,
    /// The caller's; `until` is not later.
    pub(super) deadline: Instant,
    pub(super) started: Instant,
}

/// A place among the calls under way.
pub(super) struct Place {
    provider: Arc<str>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    pub(super) fn new(provider: &Arc<str>, permit: OwnedSemaphorePermit) -> Self {
        metrics::gauge!("dragoman_model_calls_under_way", "provider" => provider.to_string()).increment(1.0);
        Self { provider: provider.clone(), _permit: permit }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("dragoman_model_calls_under_way", "provider" => self.provider.to_string())
            .decrement(1.0);
    }
}

struct Under {
    /// What came before anything to show.
    first: VecDeque<Piece>,
    rest: Pieces,
    watch: Option<Watch>,
}

/// The pieces `first` and then `rest`, watched.
pub(super) fn watched(first: VecDeque<Piece>, rest: Pieces, watch: Watch) -> Pieces {
    let under = Under { first, rest, watch: Some(watch) };
    Box::pin(stream::unfold(under, |mut under| async move {
        let until = under.watch.as_ref()?.until;
        let next = match under.first.pop_front() {
            Some(piece) => Ok(piece),
            None => match timeout_at(until, under.rest.next()).await {
                Ok(Some(next)) => next,
                // A stream that just stops has not ended.
                Ok(None) => Err(Problem::Cut),
                Err(_) => Err(Problem::TimedOut),
            },
        };
        match &next {
            Ok(Piece::End(finish)) => under.ended(*finish),
            Err(problem) => under.broke(problem),
            Ok(_) => {}
        }
        Some((next, under))
    }))
}

impl Under {
    fn ended(&mut self, finish: Finish) {
        let Some(watch) = self.watch.take() else { return };
        watch.count(finish.word());
        watch.leave.worked();
    }

    fn broke(&mut self, problem: &Problem) {
        let Some(watch) = self.watch.take() else { return };
        watch.count(problem.word());
        tracing::warn!(provider = %watch.provider, model = %watch.model, %problem, "an answer broke off");
        watch.leave.failed(problem.of_the_provider(watch.deadline));
    }
}

impl Drop for Under {
    /// Somebody did not want the rest.
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.count("cancelled");
        }
    }
}

impl Watch {
    fn count(&self, end: &'static str) {
        let (provider, model) = (self.provider.to_string(), self.model.to_string());
        metrics::histogram!("dragoman_model_call_seconds", "provider" => provider.clone(), "model" => model)
            .record(self.started.elapsed().as_secs_f64());
        metrics::counter!("dragoman_model_answers_total", "provider" => provider, "end" => end).increment(1);
    }
}
