//! The end of a question as it is written: the ledger's row, and with it the answer.

use bus::Delivery;
use classify::Failure;
use events::Envelope;
use events::message::bot::ModelRequested;
use events::message::llm::{ModelAnswered, model_answered};
use ids::Timestamp;
use jobs::NewJob;
use pg::{AfterCommit, PgConnection};

use super::{Ended, ModelRequestedHandler, remember};
use crate::answering::{self, End, Outcome, Paid};
use crate::domain::answer::Action;
use crate::remembering::{SUMMARY, ToSummarise};
use crate::store::{erased, ledger, route, sample};

impl ModelRequestedHandler {
    /// A question that has a row has been answered. What has ended is as before, should it have to be written again.
    pub(super) async fn write_in_tx(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        ended: &mut Ended,
    ) -> Result<AfterCommit, Failure> {
        let now = self.clock.now();
        // Whoever asked was erased meanwhile: what it cost is written, and nobody is answered.
        let is_erased = erased::hold_off(tx, &ended.request.conversation_id).await?;
        let (new, mut after) = self.money.write_in_tx(tx, &[row(ended, now)]).await?;
        if new.is_empty() {
            // The question's row tells of other calls: these get rows of their own when they are dropped.
            return Ok(after);
        }
        let Ended { request, language, context, paid, sample, mask, due, .. } = &mut *ended;
        if let (Some(sample), false) = (&sample, is_erased) {
            sample::insert_in_tx(tx, &request.request_id, &request.conversation_id, sample, now).await?;
        }
        let Paid { end, bills, .. } = paid;
        if is_erased {
            return Ok(after.and(self.money.settle_all_in_tx(tx, bills.dues(end.by.as_ref())).await?));
        }
        route::insert_in_tx(tx, &request.request_id, &end.route, context).await?;
        answering::count_unasked(end);
        if end.outcome == Outcome::Unknown {
            remember(tx, request, &mut mask.clone(), (language, end.reason.as_deref()), now).await?;
        }
        let is_answer = matches!(end.outcome, Outcome::Answered { .. } | Outcome::Unknown);
        let trail = event.trail_of_effects();
        if let Some(due) = due.clone().filter(|_| is_answer) {
            let (conversation_id, bot) = (request.conversation_id.clone(), request.bot.clone());
            let to = ToSummarise { conversation_id, bot, due };
            let job = NewJob::json(SUMMARY, to.conversation_id.clone(), &to, trail.clone())?;
            after = after.and(self.jobs.enqueue(tx, vec![job]).await?);
        }
        let answered = answered(ended, now);
        let (id, key) = (self.ids.event(), ended.request.key());
        let envelope = Envelope::new(id, key, trail, now.as_millisecond(), &answered);
        after = after.and(self.outbox.put(tx, &[envelope]).await?);
        // Last: it locks what every worker waits for.
        let Paid { end, bills, .. } = &mut ended.paid;
        Ok(after.and(self.money.settle_all_in_tx(tx, bills.dues(end.by.as_ref())).await?))
    }
}

/// The question's row. It tells of the calls of the model that had the last word; those of others have rows of their
/// own, so that what a model costs stands under its name.
fn row(ended: &Ended, now: Timestamp) -> ledger::Entry {
    let Ended { request, prompt, paid: Paid { end, bills, .. }, .. } = ended;
    let came = bills.of(end.by.as_ref());
    ledger::Entry {
        request_id: request.request_id.clone(),
        conversation_id: request.conversation_id.clone(),
        bot: request.bot.clone(),
        outcome: end.outcome.word(),
        reason: end.reason.clone(),
        provider: end.provider.clone(),
        model: end.model.clone(),
        prompt: prompt.clone(),
        usage: came.usage,
        cost_micros: came.micros,
        attempts: came.attempts,
        took_ms: ended.took_ms,
        ended_at: now,
        person: bills.person().to_owned(),
        mode: if bills.is_empty() { String::new() } else { end.route.mode.to_owned() },
        first_token_ms: end.first_token_ms,
        confidence: end.confidence,
        finish_reason: end.finish.to_owned(),
        ..ledger::Entry::default()
    }
}

/// What the bot is told: of all calls for the question together.
fn answered(ended: &Ended, now: Timestamp) -> ModelAnswered {
    let Ended { request, language, prompt, paid: Paid { end, refusal, .. }, took_ms, .. } = ended;
    let (text, citations) = match &end.outcome {
        Outcome::Answered { text, citations } => (text.clone(), citations.clone()),
        Outcome::Unknown | Outcome::Failed | Outcome::Superseded => Default::default(),
    };
    let ModelRequested { request_id, conversation_id, bot, chat_id, received_at_ms, .. } = request;
    ModelAnswered {
        request_id: request_id.clone(),
        conversation_id: conversation_id.clone(),
        bot: bot.clone(),
        chat_id: *chat_id,
        language: language.clone(),
        outcome: outcome(end).into(),
        text,
        citations,
        provider: end.provider.clone(),
        model: end.model.clone(),
        prompt_tokens: end.usage.prompt,
        completion_tokens: end.usage.completion,
        cost_micros: end.cost_micros,
        took_ms: *took_ms,
        attempts: i32::try_from(end.attempts).unwrap_or(i32::MAX),
        received_at_ms: *received_at_ms,
        at_ms: now.as_millisecond(),
        confidence: end.confidence,
        action: action(end.action).into(),
        prompt: prompt.clone(),
        quota: refusal.map(|refusal| refusal.scope.as_str().to_owned()).unwrap_or_default(),
        quota_resets_at_ms: refusal.map_or(0, |refusal| refusal.resets_at.as_millisecond()),
    }
}

const fn outcome(end: &End) -> model_answered::Outcome {
    match end.outcome {
        Outcome::Answered { .. } => model_answered::Outcome::Answered,
        Outcome::Unknown => model_answered::Outcome::Unknown,
        Outcome::Failed => model_answered::Outcome::Failed,
        Outcome::Superseded => model_answered::Outcome::Superseded,
    }
}

const fn action(action: Action) -> model_answered::Action {
    match action {
        Action::Continue => model_answered::Action::Continue,
        Action::Clarify => model_answered::Action::Clarify,
        Action::Handoff => model_answered::Action::Handoff,
        Action::Resolve => model_answered::Action::Resolve,
    }
}
