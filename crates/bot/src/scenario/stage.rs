use std::fmt::Write;

use bot_folder::{ChallengeAnswer, ModelSays, Moment, Scenario, Thing};
use ids::{LeadId, Pii, RequestId, Timestamp, Uuid};

use crate::domain::{
    Chat, CheckedFile, ConversationState, Effect, Engine, FileFate, Input, Lead, ModelAnswer, ModelOutcome,
    Outgoing, Person, SentFile, Target, What,
};

const HOUR_MS: i64 = 60 * 60 * 1000;
/// A Tuesday, 13:13 in Moscow: within the hours of most businesses.
const BEGINS_MS: i64 = 1_699_956_800_000;
/// Between two moments.
const MOMENT_MS: i64 = 1_000;

/// What a moment brought.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) said: Vec<Outgoing>,
    pub(super) asked_model: bool,
    pub(super) lead: Option<Box<Lead>>,
    pub(super) handoff: Option<&'static str>,
    /// What was done about the person.
    pub(super) limit: Option<&'static str>,
    /// Which question waits: flow and step.
    pub(super) at: Option<(String, String)>,
}

/// One person in a private chat with the bot.
pub(super) struct Stage<'a> {
    engine: &'a Engine,
    person: Person,
    state: ConversationState,
    now_ms: i64,
    serial: u128,
    /// Label and data of every button that was shown, newest last.
    shown: Vec<(String, String)>,
    /// When a reminder is due, and of which run.
    reminders: Vec<(i64, u32)>,
    transcript: String,
}

impl<'a> Stage<'a> {
    pub(super) fn new(engine: &'a Engine, scenario: &Scenario) -> Self {
        let bot = &engine.folder().bot;
        let username = if scenario.without_username { "" } else { "anna_k" };
        let person = Person {
            user_id: 77,
            first_name: Pii::new("Anna".to_owned()),
            last_name: Pii::new("K".to_owned()),
            username: Pii::new(username.to_owned()),
            language_code: scenario.language.unwrap_or(bot.default_language).to_string(),
            is_bot: false,
        };
        let begins = scenario.begins_at().and_then(|local| match &bot.hours {
            Some(hours) => hours.moment(local),
            None => Some(local.in_tz("UTC").ok()?.timestamp()),
        });
        Self {
            engine,
            person,
            state: ConversationState::default(),
            now_ms: begins.map_or(BEGINS_MS, Timestamp::as_millisecond),
            serial: 0,
            shown: Vec::new(),
            reminders: Vec::new(),
            transcript: String::new(),
        }
    }

    pub(super) fn transcript(&self) -> &str {
        &self.transcript
    }

    /// Lets it happen; an error where it can not.
    pub(super) fn happens(&mut self, moment: &Moment) -> Result<Seen, String> {
        for _ in 1..moment.times {
            self.happens_once(moment)?;
        }
        self.happens_once(moment)
    }

    fn happens_once(&mut self, moment: &Moment) -> Result<Seen, String> {
        self.now_ms += MOMENT_MS;
        let mut seen = Seen::default();
        let days = moment.waits_days.map(|days| i64::from(days) * 24);
        if let Some(hours) = days.or(moment.waits_hours.map(i64::from)) {
            self.line(&format!("… {hours} h"));
            self.wait_until(self.now_ms.saturating_add(hours.saturating_mul(HOUR_MS)), &mut seen);
        } else {
            let what = self.what(moment)?;
            let kept = self.step(what, self.person.clone(), &mut seen);
            if let (Some(file), Some(thing)) = (kept, moment.sends) {
                // It is looked through at once.
                let (name, caption) = (file.name.clone(), file.caption.clone());
                let id = Uuid::from_u128(self.serial);
                let checked = CheckedFile { id, name, caption, fate: fate(thing) };
                self.step(What::FilesChecked(vec![checked]), self.person.clone(), &mut seen);
            }
        }
        seen.at = self.state.flow.as_ref().map(|run| (run.flow.clone(), run.step.clone()));
        Ok(seen)
    }

    /// Returns the file that is to be kept, if there is one.
    fn step(&mut self, what: What, person: Person, seen: &mut Seen) -> Option<Box<SentFile>> {
        self.serial += 1;
        let input = Input {
            what,
            person,
            chat: Chat::PRIVATE,
            now_ms: self.now_ms,
            request_id: RequestId(Uuid::from_u128(self.serial)),
            lead_id: LeadId(Uuid::from_u128(self.serial)),
        };
        let step = self.engine.receive(std::mem::take(&mut self.state), &input);
        self.state = step.state;
        let mut kept = None;
        for effect in step.effects {
            match effect {
                Effect::KeepFile { file, .. } => kept = Some(file),
                effect => self.see(effect, seen),
            }
        }
        kept
    }

    /// Lets time pass, with the reminders that come due in it.
    fn wait_until(&mut self, then_ms: i64, seen: &mut Seen) {
        loop {
            let due = self.reminders.iter().enumerate().min_by_key(|(_, (at_ms, _))| *at_ms);
            let Some((number, (at_ms, run))) = due.map(|(number, due)| (number, *due)) else { break };
            if at_ms > then_ms {
                break;
            }
            self.reminders.swap_remove(number);
            self.now_ms = self.now_ms.max(at_ms);
            self.step(What::ReminderDue { run }, Person::default(), seen);
        }
        self.now_ms = then_ms;
    }

    fn what(&mut self, moment: &Moment) -> Result<What, String> {
        let person = |text: &str| Pii::new(text.to_owned());
        if let Some(text) = &moment.says {
            self.line(&format!("> {text}"));
            return Ok(What::Text(person(text)));
        }
        if let Some(label) = moment.presses.as_ref().or(moment.presses_old.as_ref()) {
            let is_it = |(known, _): &&(String, String)| known == label;
            let found = match moment.presses {
                Some(_) => self.shown.iter().rev().find(is_it),
                None => self.shown.iter().find(is_it),
            };
            let Some((_, data)) = found.cloned() else {
                let shown: Vec<&str> = self.shown.iter().map(|(label, _)| label.as_str()).collect();
                return Err(format!("there is no button {label:?}; there are: {}", shown.join(", ")));
            };
            self.line(&format!("> [{label}]"));
            return Ok(What::Button { callback_id: "callback".to_owned(), data });
        }
        if let Some(phone) = &moment.shares_contact {
            self.line(&format!("> (contact {phone})"));
            return Ok(What::Contact { phone: person(phone), name: person("Anna"), own: true });
        }
        if let Some(thing) = moment.sends {
            self.line(&format!("> ({thing:?})"));
            return Ok(match thing {
                Thing::File => file("brief.pdf"),
                Thing::LargeFile => file("drawings.pdf"),
                Thing::OtherFile => file("setup.exe"),
                Thing::InfectedFile => file("invoice.pdf"),
                Thing::Voice => What::Voice,
                Thing::Sticker => What::OtherMessage { kind: "sticker".to_owned() },
                Thing::Edit => What::Edited,
                Thing::Reaction => What::Notice { kind: "message_reaction".to_owned() },
            });
        }
        if let Some(answer) = moment.solves {
            self.line(&format!("> (the challenge, {answer:?})"));
            let data = self.state.guard.own().button(answer == ChallengeAnswer::Rightly);
            let Some(data) = data else { return Err("nothing is to be solved".to_owned()) };
            return Ok(What::Button { callback_id: "callback".to_owned(), data });
        }
        if moment.admin_lifts {
            self.line("! an admin lifts it");
            return Ok(What::Lifted { person: self.person.user_id });
        }
        let Some(said) = &moment.model else { return Err("nothing happens in this moment".to_owned()) };
        let Some(request_id) = self.state.pending.first().map(|pending| pending.request_id) else {
            return Err("no question waits for a model".to_owned());
        };
        self.line(&format!("~ model: {said:?}"));
        let (outcome, text) = match said {
            ModelSays::Answers(text) => (ModelOutcome::Answered, text.as_str()),
            ModelSays::KnowsNothing => (ModelOutcome::Unknown, ""),
            ModelSays::Fails => (ModelOutcome::Failed, ""),
        };
        Ok(What::ModelAnswered(ModelAnswer {
            request_id,
            outcome,
            text: person(text),
            citations: Vec::new(),
            offline: false,
        }))
    }

    fn see(&mut self, effect: Effect, seen: &mut Seen) {
        match effect {
            Effect::Send(message) => {
                self.line(&format!("< {}", message.text.expose()));
                for row in &message.buttons {
                    let labels: Vec<String> =
                        row.iter().map(|button| format!("[{}]", button.label)).collect();
                    self.line(&format!("  {}", labels.join(" ")));
                    self.shown.extend(row.iter().filter_map(|button| match &button.target {
                        Target::Callback(data) => Some((button.label.clone(), data.clone())),
                        Target::Url(_) => None,
                    }));
                }
                seen.said.push(message);
            }
            Effect::AskModel { .. } => {
                self.line("* a model is asked");
                seen.asked_model = true;
            }
            Effect::CaptureLead(lead) => {
                self.line(&format!("* a lead: {}, {}", lead.temperature.as_str(), lead.score));
                seen.lead = Some(lead);
            }
            Effect::Handoff { reason, details } => {
                let about =
                    details.map(|details| details.summary.expose().replace('\n', "; ")).unwrap_or_default();
                self.line(&format!("* a human is wanted: {} {about}", reason.as_str()));
                seen.handoff = Some(reason.as_str());
            }
            Effect::RemindLater { run, at_ms } => self.reminders.push((at_ms, run)),
            Effect::Limit(limited) => {
                self.line(&format!("* {}: {}", limited.change.as_str(), limited.why.as_str()));
                seen.limit = Some(limited.change.as_str());
            }
            Effect::Ignore { reason } => self.line(&format!("* nothing is said: {reason}")),
            Effect::AnswerCallback { .. }
            | Effect::KeepFile { .. }
            | Effect::Typing
            | Effect::ExportData
            | Effect::RequestErasure { .. }
            | Effect::CancelErasure
            | Effect::FlowMoved { .. }
            | Effect::ConversationStarted { .. } => {}
        }
    }

    fn line(&mut self, line: &str) {
        // Writing to a string can not fail.
        let _ = writeln!(self.transcript, "{line}");
    }
}

fn file(name: &str) -> What {
    What::File(Box::new(SentFile {
        kind: "document".to_owned(),
        name: Pii::new(name.to_owned()),
        ..SentFile::default()
    }))
}

const fn fate(thing: Thing) -> FileFate {
    match thing {
        Thing::LargeFile => FileFate::TooLarge,
        Thing::OtherFile => FileFate::WrongType,
        Thing::InfectedFile => FileFate::Infected,
        _ => FileFate::Kept,
    }
}
