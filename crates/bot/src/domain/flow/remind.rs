//! Reminders of a flow that was left unfinished. One job stands behind each run: when it comes due too early, because
//! the person went on in the meantime or it is night, it is put off; when the run is over, it is nothing.

use bot_folder::Action;
use ids::Timestamp;

use crate::domain::turn::Turn;
use crate::domain::{Button, Effect, FlowRun, Source};

const HOUR_MS: i64 = 60 * 60 * 1000;

impl Turn<'_> {
    /// Plans the next reminder of the run that has begun, if its flow has any.
    pub(super) fn plan_reminder(&mut self) {
        let Some(run) = self.state.flow.as_ref().filter(|_| self.input.chat.private) else { return };
        if let Some(at_ms) = self.reminder_at(run) {
            let serial = run.serial;
            self.effects.push(Effect::RemindLater { run: serial, at_ms });
        }
    }

    /// When the next reminder of a run is due; nothing where there is none.
    fn reminder_at(&self, run: &FlowRun) -> Option<i64> {
        let reminder = self.folder.flow(&run.flow)?.reminder.as_ref()?;
        if run.reminded >= reminder.times {
            return None;
        }
        let silence_ms = self.reminder_after_ms(run).saturating_mul(i64::from(run.reminded) + 1);
        self.in_hours(run.touched_ms.saturating_add(silence_ms))
    }

    /// How long somebody is silent before they are reminded of a run.
    fn reminder_after_ms(&self, run: &FlowRun) -> i64 {
        let reminder = self.folder.flow(&run.flow).and_then(|flow| flow.reminder.as_ref());
        reminder.map_or(0, |reminder| i64::from(reminder.after_hours) * HOUR_MS)
    }

    /// That moment, or the next at which the business is open.
    fn in_hours(&self, at_ms: i64) -> Option<i64> {
        let Some(hours) = &self.folder.bot.hours else { return Some(at_ms) };
        Some(hours.next_open(Timestamp::from_millisecond(at_ms).ok()?)?.as_millisecond())
    }

    /// The job of a run's reminder has come.
    pub(in crate::domain) fn reminder_due(&mut self, serial: u32) {
        let is_it = |run: &&FlowRun| run.serial == serial && serial != 0 && !run.cancelled;
        let Some(run) = self.state.runs().find(is_it) else {
            return self.effects.push(Effect::Ignore { reason: "what it reminds of is over" });
        };
        let Some(due_ms) = self.reminder_at(run) else {
            return self.effects.push(Effect::Ignore { reason: "the person has been reminded" });
        };
        let waits = self.state.flow.as_ref().is_some_and(|run| is_it(&run));
        if !waits && self.state.runs().next().is_some_and(|top| !is_it(&top)) {
            // The person is busy with something else, or reminded of that; this one's turn comes when it is over.
            let after_ms = self.reminder_after_ms(run);
            let later_ms = due_ms.max(self.input.now_ms.saturating_add(after_ms));
            let at_ms = self.in_hours(later_ms).unwrap_or(later_ms);
            return self.effects.push(Effect::RemindLater { run: serial, at_ms });
        }
        let due_ms = self.in_hours(due_ms.max(self.input.now_ms)).unwrap_or(due_ms);
        if due_ms > self.input.now_ms {
            return self.effects.push(Effect::RemindLater { run: serial, at_ms: due_ms });
        }
        self.remind(waits);
    }

    fn remind(&mut self, waits: bool) {
        let run = if waits { &mut self.state.flow } else { &mut self.state.paused };
        let Some(run) = run else { return };
        run.reminded = run.reminded.saturating_add(1);
        let run = run.clone();
        let Some(flow) = self.folder.flow(&run.flow) else { return };
        let Some(reminder) = &flow.reminder else { return };
        let text = self.fill_step(reminder.text.get(self.lang), flow, &run);
        if waits {
            self.ask(Some(&text), Source::Flow);
        } else {
            let labels = &self.folder.bot.labels;
            let cancel = Button::callback(labels.restart.get(self.lang), &Action::Restart.to_string());
            let rows = vec![vec![self.resume_button(), cancel]];
            self.send(text, rows, Source::Flow);
            self.state.resume_offered = true;
        }
        if let Some(at_ms) = self.reminder_at(&run) {
            self.effects.push(Effect::RemindLater { run: run.serial, at_ms });
        }
    }
}
