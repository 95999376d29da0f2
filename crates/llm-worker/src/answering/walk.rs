//! The walk along a plan: one model after the other, until one has the last word, or the bot's own words do.

use std::collections::VecDeque;
use std::sync::Arc;

use classify::Failure;
use tokio::time::Instant;

use super::end::UnderWay;
use super::meter::{Meter, Seen};
use super::paying::Held;
use super::verdict::{Next, Verdict};
use super::{Answering, Asked, End, Outcome, Paid, Route, counted, named};
use crate::domain::answer::{Answer, Reply};
use crate::domain::question::{Question, Source};
use crate::live::Viewer;
use crate::providers::{Model, ProviderError};
use crate::routing::{Plan, Signals};

impl Answering {
    /// Asks one model after the other until one has the last word. What has come of it by any moment is in `paid`, and
    /// who is being asked `under_way`.
    pub(super) async fn along_the_way(
        &self,
        asked: Asked<'_>,
        paid: &mut Paid,
        under_way: &mut Option<UnderWay>,
    ) -> Result<(), Failure> {
        let Paid { end, bills, refusal } = paid;
        let since = Instant::now();
        let signals = Signals::of(asked.question);
        let plan = self.routes.plan(&self.asker.catalog, &signals, asked.wish, self.ids.fraction());
        *end = End { route: way(&plan), reason: None, ..End::failed("") };
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
                        bills.begin(bill, &meter, &model.info.id);
                    }
                    // A repetition: its answer is on its way already.
                    Held::Ended => {
                        *end = End::failed("answered_before");
                        return Ok(());
                    }
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
            *under_way = Some(UnderWay { model: model.clone(), meter: meter.clone(), since });
            let mut result = self.ask(&model, question, asked.deadline, &meter, asked.viewer).await;
            *under_way = None;
            bills.ends(&result);
            let name = result.as_ref().ok().map(|answer| named(&answer.model));
            let seen = meter.seen();
            if let Err(error) = &mut result {
                // What was told of a call that broke counts in the row as well.
                error.lost = error.lost.with(seen.usage);
            }
            let next = self.weigh(end, &model, result, asked.question, (seen, since));
            if let Some((_, word)) = end.route.tried.last() {
                bills.weighed(word, name);
            }
            match next {
                Next::No => return Ok(()),
                Next::Try => {}
                // It is written again once; what is wrong a second time is for a person to answer.
                Next::Correct(_) if corrected.is_some() => return Ok(()),
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
            return Ok(());
        }
        self.step_in(asked.question, end, asked.deadline, since).await;
        Ok(())
    }

    /// Takes what came of asking this model into the end; whether that is the last word.
    fn weigh(
        &self,
        end: &mut End,
        model: &Model,
        result: Result<Answer, ProviderError>,
        question: &Question,
        (seen, since): (Seen, Instant),
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
                    end.speaks(model, model.info.id.name(), seen, since);
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
            end.speaks(model, &answer.model, seen, since);
            let answered = matches!(verdict.outcome, Outcome::Answered { .. });
            (end.outcome, end.reason) = (verdict.outcome, verdict.reason.filter(|_| !answered));
            (end.action, end.confidence) = (verdict.action, verdict.confidence);
        }
        verdict.next
    }

    /// The bot's own words, in the place of whom `end` is of.
    async fn step_in(&self, question: &Question, end: &mut End, deadline: Instant, since: Instant) {
        let nobody_else = end.route.tried.is_empty();
        if nobody_else && self.asker.has_models() {
            end.reason = Some("no_model".to_owned());
        }
        let Some(fallback) = self.asker.fallback() else { return };
        // It asks nobody outside, so it may take a moment even where the time is up.
        let moment = Instant::now() + std::time::Duration::from_secs(1);
        let meter = Meter::default();
        let Ok(answer) = self.ask(fallback, question, deadline.max(moment), &meter, None).await else {
            return;
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
            Reply::Unknown | Reply::Empty(_) => return,
        };
        end.route.tried.push((fallback.info.id.to_string(), end.outcome.word().to_owned()));
        if nobody_else {
            end.attempts = answer.attempts;
        }
        end.speaks(fallback, &answer.model, meter.seen(), since);
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
