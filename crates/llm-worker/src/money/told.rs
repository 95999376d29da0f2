//! What is published of money and of answers that stand out.

use std::collections::HashSet;

use events::message::llm::{AnomalySeen, BudgetReached};
use events::{Envelope, Event, Key, Trail};
use ids::Timestamp;
use pg::{AfterCommit, PgConnection, PgError};

use super::Money;
use super::config::MoneyConfig;
use super::counter::{Counter, Slot};
use crate::store::ledger::{self, Entry};

impl Money {
    /// Writes ends of questions with what is published of them; those that had none before.
    pub(crate) async fn write_in_tx(
        &self,
        tx: &mut PgConnection,
        rows: &[Entry],
    ) -> Result<(HashSet<String>, AfterCommit), PgError> {
        let new = ledger::insert_in_tx(tx, rows).await?;
        // Of a call that ended no question, nobody waits for an answer.
        let strange = rows.iter().filter(|row| row.of_request.is_none() && new.contains(&row.request_id));
        let seen: Vec<Envelope> = strange
            .flat_map(|row| anomalies(&self.config, row))
            .map(|seen| self.envelope(Key::of(&seen.request_id), &seen))
            .collect();
        let after = self.outbox.put(tx, &seen).await?;
        Ok((new, after))
    }

    pub(super) fn reached(&self, now: Timestamp, slot: &Slot, counter: &Counter, percent: i16) -> Envelope {
        let (scope, id) = slot.parts();
        metrics::counter!("dragoman_budget_reached_total", "scope" => scope.as_str(), "percent" => percent.to_string())
            .increment(1);
        if percent == 100 {
            tracing::warn!(scope = scope.as_str(), id, period = slot.period.as_str(), "a budget is used up");
        }
        let event = BudgetReached {
            scope: scope.as_str().to_owned(),
            id: id.to_owned(),
            period: slot.period.as_str().to_owned(),
            percent: percent.into(),
            calls: counter.calls,
            spent_micros: counter.spent_micros,
            resets_at_ms: counter.window.ends_at.as_millisecond(),
            at_ms: now.as_millisecond(),
        };
        self.envelope(Key::of(format!("{}-{}", slot.scope, slot.period.as_str())), &event)
    }

    fn envelope<E: Event>(&self, key: Key, event: &E) -> Envelope {
        let id = self.ids.event();
        let trail = Trail::start(self.ids.trace(), id.clone());
        Envelope::new(id, key, trail, self.clock.now_ms(), event)
    }
}

/// What is out of the ordinary about an answer.
fn anomalies(config: &MoneyConfig, row: &Entry) -> Vec<AnomalySeen> {
    let tokens = row.usage.prompt.saturating_add(row.usage.completion);
    let slow = row.took_ms > i64::from(config.anomaly_seconds) * 1_000;
    let long = tokens > i64::from(config.anomaly_tokens);
    let sure = row.confidence.map(f64::from);
    let unsure = sure.filter(|sure| *sure < config.anomaly_confidence);
    let kinds = [
        slow.then_some(("slow", row.took_ms)),
        long.then_some(("long", tokens)),
        unsure.map(|sure| ("unsure", (sure * 1_000.0).round() as i64)),
    ];
    let seen = kinds.into_iter().flatten().map(|(kind, value)| {
        metrics::counter!("dragoman_model_anomalies_total", "kind" => kind).increment(1);
        AnomalySeen {
            request_id: row.request_id.clone(),
            bot: row.bot.clone(),
            kind: kind.to_owned(),
            value,
            provider: row.provider.clone(),
            model: row.model.clone(),
            prompt: row.prompt.clone(),
            at_ms: row.ended_at.as_millisecond(),
        }
    });
    seen.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::answer::Usage;

    #[test]
    fn slow_long_and_unsure_answers_stand_out_and_no_others() {
        let seen = |took_ms, prompt, confidence| {
            let usage = Usage { prompt, completion: 10, ..Usage::default() };
            let row = Entry { took_ms, usage, confidence, ..Entry::default() };
            let seen = anomalies(&MoneyConfig::default(), &row);
            seen.into_iter().map(|one| (one.kind, one.value)).collect::<Vec<_>>()
        };
        assert!(seen(10_000, 1_990, Some(0.5)).is_empty());
        assert!(seen(0, 0, None).is_empty());
        let all = [("slow", 10_001), ("long", 2_001), ("unsure", 490)];
        assert_eq!(seen(10_001, 1_991, Some(0.49)), all.map(|(kind, value)| (kind.to_owned(), value)));
    }
}
