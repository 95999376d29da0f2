//! One question from its sources to its end: the models on its way, each paid for, the check of what they promise,
//! and who steps in where they fail. Whatever happens, there is an end.

mod asker;
mod counted;
mod end;
mod meter;
mod once;
mod paying;
#[cfg(test)]
mod paying_tests;
#[cfg(test)]
mod provider_tests;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use classify::Failure;
use ids::Ids;
use tokio::time::Instant;

pub(crate) use asker::Asker;
pub(crate) use counted::count_unasked;
pub(crate) use end::{End, Outcome, Route};
pub(crate) use once::Once;
pub(crate) use paying::{Bills, Till};

use crate::domain::answer::{Answer, Reply};
use crate::domain::question::{Question, Source};
use crate::live::Viewer;
use crate::money::{Refusal, Who};
use crate::providers::{Model, ProviderError};
use crate::routing::{Plan, Routes, Signals, Wish};
use meter::Meter;
use paying::Held;
use verdict::{Next, Verdict};

/// What it takes to answer.
#[derive(Clone, Debug)]
pub(crate) struct Answering {
    pub(crate) asker: Asker,
    pub(crate) routes: Routes,
    /// `None`: it is only tried out, and nothing is booked.
    pub(crate) till: Option<Till>,
    pub(crate) ids: Ids,
}

/// A question, and on whose behalf it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) question: &'a Question,
    pub(crate) request_id: &'a str,
    pub(crate) who: &'a Who,
    pub(crate) wish: Wish<'a>,
    pub(crate) deadline: Instant,
    /// Whoever looks on while the answer is written.
    pub(crate) viewer: Option<&'a Viewer>,
}

/// A question that has ended, and what is still to be settled for it.
#[derive(Debug)]
pub(crate) struct Paid {
    pub(crate) end: End,
    pub(crate) bills: Bills,
    /// There was no room for a model.
    pub(crate) refusal: Option<Refusal>,
}

impl Paid {
    /// Nothing was spent.
    pub(crate) fn free(end: End) -> Self {
        Self { end, bills: Bills::default(), refusal: None }
    }
}

impl Answering {
    /// Answers before the deadline, or until `superseded` returns. Fails only where our own database does.
    pub(crate) async fn answer(
        &self,
        asked: Asked<'_>,
        superseded: impl Future<Output = ()>,
    ) -> Result<Paid, Failure> {
        let (mut superseded, mut paid) = (pin!(superseded), Paid::free(End::failed("no_model")));
        let ended = tokio::select! {
            biased;
            () = &mut superseded => None,
            end = self.along_the_way(asked, &mut paid.bills, &mut paid.refusal) => Some(end?),
        };
        if ended.is_none() {
            paid.bills.catches_up();
        }
        paid.end = ended.unwrap_or_else(End::superseded);
        if self.till.is_some() {
            // What was estimated counts as well.
            paid.end.cost_micros = paid.bills.micros();
        }
        Ok(paid)
    }

    /// Answers before the deadline, with nobody to pay and nothing to stop it.
    pub(crate) async fn rehearse(&self, asked: Asked<'_>) -> End {
        let unpaid = Self { till: None, ..self.clone() };
        let ended = unpaid.along_the_way(asked, &mut Bills::default(), &mut None).await;
        ended.unwrap_or_else(|_| End::failed("no_model"))
    }

    async fn along_the_way(
        &self,
        asked: Asked<'_>,
        bills: &mut Bills,
        refusal: &mut Option<Refusal>,
    ) -> Result<End, Failure> {
        let signals = Signals::of(asked.question);
        let plan = self.routes.plan(&self.asker.catalog, &signals, asked.wish, self.ids.fraction());
        let mut end = End { route: way(&plan), reason: None, ..End::failed("") };
        let mut models: VecDeque<Arc<Model>> = plan.models.into();
        let mut corrected: Option<Question> = None;
        while let Some(model) = models.pop_front() {
            let is_first = end.route.tried.is_empty();
            if !is_first && Instant::now() >= asked.deadline {
                break;
            }
            let question = corrected.as_ref().unwrap_or(asked.question);
            let meter = Meter::default();
            if let Some(till) = &self.till {
                match till.hold(&asked, end.route.mode, question, &model, !models.is_empty()).await? {
                    Held::Yes(bill) => {
                        // One that was too dear was not the last word.
                        *refusal = None;
                        bills.begin(bill, &meter);
                    }
                    // A repetition: its answer is on its way already.
                    Held::Ended => return Ok(End::failed("answered_before")),
                    Held::Refused(refused) => {
                        let reason = format!("quota_{}", refused.scope.as_str());
                        end.route.tried.push((model.info.id.to_string(), reason.clone()));
                        let is_nobody_asked = end.attempts == 0;
                        if is_nobody_asked && refusal.is_none() {
                            (end.reason, *refusal) = (Some(reason), Some(refused));
                        }
                        // A model that costs less may still fit.
                        if refused.is_of_dollars {
                            continue;
                        }
                        break;
                    }
                }
            }
            let mut result = self.ask(&model, question, asked.deadline, &meter, asked.viewer).await;
            bills.ends(&result);
            if let Err(error) = &mut result {
                // What was told of a call that broke counts in the row as well.
                error.lost = error.lost.with(meter.seen().usage);
            }
            match self.weigh(&mut end, &model, result, asked.question) {
                Next::No => return Ok(end),
                Next::Try => {}
                // It is written again once; what is wrong a second time is for a person to answer.
                Next::Correct(_) if corrected.is_some() => return Ok(end),
                Next::Correct(objection) => {
                    let mut question = asked.question.clone();
                    question.prompt.push_str(&objection.correction());
                    corrected = Some(question);
                    if models.is_empty() {
                        models.push_back(model);
                    }
                }
            }
        }
        if matches!(end.outcome, Outcome::Answered { .. } | Outcome::Unknown) {
            return Ok(end);
        }
        Ok(self.step_in(asked.question, end, asked.deadline).await)
    }

    /// Takes what came of asking this model into the end; whether that is the last word.
    fn weigh(
        &self,
        end: &mut End,
        model: &Model,
        result: Result<Answer, ProviderError>,
        question: &Question,
    ) -> Next {
        let id = model.info.id.to_string();
        let answer = match result {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(
                    model = %id, attempts = error.attempts, error = %classify::chain(&error), "the model did not answer"
                );
                let word = error.problem.word();
                let lost = model.info.prices.cost_micros(error.lost);
                end.adds(error.lost, lost, error.attempts);
                end.route.tried.push((id, word.to_owned()));
                if matches!(end.outcome, Outcome::Failed) {
                    end.reason = Some(word.to_owned());
                    end.speaks(model, model.info.id.name());
                }
                return Next::Try;
            }
        };
        end.adds(answer.usage, answer.cost_micros, answer.attempts);
        let verdict = Verdict::of(&answer, question, self.routes.config(), &end.route);
        let word = verdict.reason.clone().unwrap_or_else(|| verdict.outcome.word().to_owned());
        end.route.tried.push((id, word));
        // An answer that came before and could be better is better than none.
        let is_better = match (&end.outcome, &verdict.outcome) {
            (_, Outcome::Answered { .. }) => true,
            (Outcome::Answered { .. }, _) => false,
            _ => true,
        };
        if is_better {
            end.speaks(model, &answer.model);
            let answered = matches!(verdict.outcome, Outcome::Answered { .. });
            (end.outcome, end.reason) = (verdict.outcome, verdict.reason.filter(|_| !answered));
            (end.action, end.confidence) = (verdict.action, verdict.confidence);
        }
        verdict.next
    }

    /// The bot's own words, in the place of whom `end` is of.
    async fn step_in(&self, question: &Question, mut end: End, deadline: Instant) -> End {
        let nobody_else = end.route.tried.is_empty();
        if nobody_else && self.asker.has_models() {
            end.reason = Some("no_model".to_owned());
        }
        let Some(fallback) = self.asker.fallback() else { return end };
        // It asks nobody outside, so it may take a moment even where the time is up.
        let moment = Instant::now() + std::time::Duration::from_secs(1);
        let Ok(answer) = self.ask(fallback, question, deadline.max(moment), &Meter::default(), None).await
        else {
            return end;
        };
        end.outcome = match answer.reply {
            Reply::Text { text, citations, .. } => {
                // Nobody has read what was found: it is as sure as the search is.
                let of = |source: &&Source| citations.contains(&source.title);
                let sure = question.sources.iter().filter(of).map(|source| source.confidence);
                end.confidence = Some(sure.fold(0.0, f32::max));
                Outcome::Answered { text, citations }
            }
            Reply::Unknown if nobody_else => Outcome::Unknown,
            Reply::Unknown | Reply::Empty(_) => return end,
        };
        end.route.tried.push((fallback.info.id.to_string(), end.outcome.word().to_owned()));
        if nobody_else {
            end.attempts = answer.attempts;
        }
        end.speaks(fallback, &answer.model);
        end
    }

    /// Asks a model, and counts what came of it.
    async fn ask(
        &self,
        model: &Model,
        question: &Question,
        deadline: Instant,
        meter: &Meter,
        viewer: Option<&Viewer>,
    ) -> Result<Answer, ProviderError> {
        let started = std::time::Instant::now();
        let result = self.asker.ask_in_time(model, question, deadline, meter, viewer).await;
        counted::count(model, &result, started.elapsed());
        result
    }
}

fn way(plan: &Plan) -> Route {
    Route {
        mode: plan.mode.as_str(),
        tier: plan.tier.as_str(),
        reason: plan.reason.clone(),
        tried: Vec::new(),
    }
}

impl End {
    fn speaks(&mut self, model: &Model, name: &str) {
        model.provider.name().clone_into(&mut self.provider);
        self.model = named(name);
    }
}

/// The name a provider gave its model, as a row and an event can hold it.
fn named(model: &str) -> String {
    model.chars().filter(|c| !c.is_control()).take(100).collect()
}
