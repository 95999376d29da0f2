use std::fmt::Write;
use std::sync::Arc;

use bot_folder::{ChallengeAnswer, ModelSays, Moment, Scenario, Thing};
use ids::{LeadId, Pii, RequestId, Timestamp, Uuid};

use super::props::{fate, file, somebody};
use crate::domain::{
    Chat, CheckedFile, ConversationState, Effect, Engine, Input, Lead, Message, ModelAnswer, ModelOutcome,
    Outgoing, Person, SentFile, Target, What,
};

const HOUR_MS: i64 = 60 * 60 * 1000;
/// A Tuesday, 13:13 in Moscow: within the hours of most businesses.
const BEGINS_MS: i64 = 1_699_956_800_000;
/// Between two moments.
const MOMENT_MS: i64 = 1_000;
/// Between two moments of a person who goes on at once.
const HURRY_MS: i64 = 200;

/// What a moment brought.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) said: Vec<Outgoing>,
    /// What Telegram showed at the press of a button.
    pub(super) notice: String,
    pub(super) asked_model: bool,
    /// What it was asked.
    pub(super) model_heard: String,
    /// Which one, where the person has chosen.
    pub(super) asked_of: Option<String>,
    pub(super) lead: Option<Box<Lead>>,
    pub(super) handoff: Option<&'static str>,
    /// What was done about the person.
    pub(super) limit: Option<&'static str>,
    /// Which question waits: flow and step.
    pub(super) at: Option<(String, String)>,
}

/// The bot's name on Telegram.
const USERNAME: &str = "the_bot";
const GROUP: Chat = Chat { id: -7, private: false, addressed: true, topic: None };

/// People in a chat with the bot: one in private, or some in a group.
pub(super) struct Stage<'a> {
    engine: &'a Engine,
    chat: Chat,
    /// Who acts.
    person: Person,
    /// Everybody, by the name that a moment calls them; the empty one is the person whom the scenario is about.
    people: Vec<(String, Person)>,
    state: ConversationState,
    now_ms: i64,
    serial: u128,
    /// Label and data of every button that was shown, newest last.
    shown: Vec<(String, String)>,
    /// What the person wrote, by the numbers of the messages.
    written: Vec<(i64, String)>,
    /// Until when more is waited for, and of which turn.
    waiting: Vec<(i64, RequestId)>,
    hurries: bool,
    /// When a reminder is due, and of which run.
    reminders: Vec<(i64, u32)>,
    choosable: Arc<[String]>,
    transcript: String,
}

impl<'a> Stage<'a> {
    pub(super) fn new(engine: &'a Engine, scenario: &Scenario) -> Self {
        let bot = &engine.folder().bot;
        let username = if scenario.without_username { "" } else { "anna_k" };
        let person = somebody(77, "Anna", username, scenario.language.unwrap_or(bot.default_language));
        let others = (78..).zip(scenario.group.iter().flatten());
        let others = others.map(|(id, (name, lang))| (name.clone(), somebody(id, name, "", *lang)));
        let people = std::iter::once((String::new(), person.clone())).chain(others).collect();
        let begins = scenario.begins_at().and_then(|local| match &bot.hours {
            Some(hours) => hours.moment(local),
            None => Some(local.in_tz("UTC").ok()?.timestamp()),
        });
        Self {
            engine,
            chat: if scenario.group.is_some() { GROUP } else { Chat::PRIVATE },
            person,
            people,
            state: ConversationState::default(),
            now_ms: begins.map_or(BEGINS_MS, Timestamp::as_millisecond),
            serial: 0,
            shown: Vec::new(),
            written: Vec::new(),
            waiting: Vec::new(),
            hurries: false,
            reminders: Vec::new(),
            choosable: scenario.choosable.clone().into(),
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
        self.now_ms += if self.hurries { HURRY_MS } else { MOMENT_MS };
        self.hurries = moment.goes_on;
        let by = moment.by.as_deref().unwrap_or_default();
        let Some((_, person)) = self.people.iter().find(|(name, _)| name == by) else {
            return Err(format!("there is nobody called {by:?}"));
        };
        self.person = person.clone();
        let mut seen = Seen::default();
        let days = moment.waits_days.map(|days| i64::from(days) * 24);
        if let Some(hours) = days.or(moment.waits_hours.map(i64::from)) {
            self.line(&format!("… {hours} h"));
            self.wait_until(self.now_ms.saturating_add(hours.saturating_mul(HOUR_MS)), &mut seen);
        } else {
            let (what, message) = self.what(moment)?;
            let person = self.whose(&what).unwrap_or_else(|| self.person.clone());
            let kept = self.step(what, person, message, &mut seen);
            if let (Some(file), Some(thing)) = (kept, moment.sends) {
                // It is looked through at once.
                let (name, caption) = (file.name.clone(), file.caption.clone());
                let id = Uuid::from_u128(self.serial);
                let checked = What::FilesChecked(vec![CheckedFile {
                    id,
                    name,
                    caption,
                    fate: fate(thing),
                    waits: true,
                }]);
                self.step(checked, self.person.clone(), Message::default(), &mut seen);
            }
        }
        if !moment.goes_on {
            self.is_quiet(&mut seen);
        }
        seen.at = self.state.flow.as_ref().map(|run| (run.flow.clone(), run.step.clone()));
        Ok(seen)
    }

    /// Whatever was waited for comes to its end.
    fn is_quiet(&mut self, seen: &mut Seen) {
        while let Some(nth) = (0..self.waiting.len()).min_by_key(|nth| self.waiting[*nth].0) {
            let (due_ms, turn) = self.waiting.remove(nth);
            self.now_ms = self.now_ms.max(due_ms);
            let what = What::Quiet { turn, due_ms };
            let person = self.whose(&what).unwrap_or_default();
            self.step(what, person, Message::default(), seen);
        }
    }

    /// Who asked the question that this is about, where that is known.
    fn whose(&self, what: &What) -> Option<Person> {
        let request_id = match what {
            What::Quiet { turn, .. } => *turn,
            What::ModelAnswered(answer) => answer.request_id,
            _ => return None,
        };
        let asked = self.state.pending.iter().find(|question| question.request_id == request_id)?;
        asked.person.as_deref().cloned()
    }

    /// Returns the file that is to be kept, if there is one.
    fn step(
        &mut self,
        what: What,
        person: Person,
        message: Message,
        seen: &mut Seen,
    ) -> Option<Box<SentFile>> {
        self.serial += 1;
        let input = Input {
            what,
            person,
            chat: self.chat,
            message,
            now_ms: self.now_ms,
            request_id: RequestId(Uuid::from_u128(self.serial)),
            lead_id: LeadId(Uuid::from_u128(self.serial)),
            choosable: self.choosable.clone(),
            bot_username: Some(USERNAME.to_owned()),
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
            self.step(What::ReminderDue { run }, Person::default(), Message::default(), seen);
        }
        self.now_ms = then_ms;
    }

    fn next_message(&mut self, text: &str) -> i64 {
        let id = self.written.last().map_or(1, |(id, _)| id + 1);
        self.written.push((id, text.to_owned()));
        id
    }

    fn what(&mut self, moment: &Moment) -> Result<(What, Message), String> {
        if let Some(edit) = &moment.edits {
            let written = self.written.iter_mut().rev().find(|(_, text)| *text == edit.from);
            let Some((id, text)) = written else {
                return Err(format!("there is no message {:?} to be edited", edit.from));
            };
            let id = *id;
            text.clone_from(&edit.to);
            self.line(&format!("> (edit) {}", edit.to));
            return Ok((What::Edited(Pii::new(edit.to.clone())), Message { id }));
        }
        let what = self.plain(moment)?;
        let id = match &what {
            What::Button { .. } | What::ModelAnswered(_) | What::Notice { .. } => 0,
            What::Edited(_) => self.written.last().map_or(0, |(id, _)| *id),
            What::Text(text) => self.next_message(text.expose()),
            _ => self.next_message(""),
        };
        Ok((what, Message { id }))
    }

    /// What happens without a word on which message it is.
    fn plain(&mut self, moment: &Moment) -> Result<What, String> {
        let person = |text: &str| Pii::new(text.to_owned());
        if let Some(text) = &moment.says {
            self.line(&format!("{}> {text}", moment.by.as_deref().unwrap_or_default()));
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
            self.line(&format!("{}> [{label}]", moment.by.as_deref().unwrap_or_default()));
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
                Thing::Edit => What::Edited(Pii::default()),
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
        let asked = || self.state.pending.iter().find(|question| question.due_ms.is_none());
        let (said, question) = match (&moment.model, &moment.model_late) {
            (Some(said), _) => (said, asked().map(|question| question.request_id)),
            (None, Some(said)) => (said, self.state.turns.superseded.last().copied()),
            (None, None) => return Err("nothing happens in this moment".to_owned()),
        };
        let Some(request_id) = question else {
            return Err("no question waits for a model".to_owned());
        };
        self.line(&format!("~ model: {said:?}"));
        let judged = match said {
            ModelSays::Judged(judged) => Some(judged),
            _ => None,
        };
        let (outcome, text) = match said {
            ModelSays::Judged(judged) => (ModelOutcome::Answered, judged.text.as_str()),
            ModelSays::Answers(text) => (ModelOutcome::Answered, text.as_str()),
            ModelSays::KnowsNothing => (ModelOutcome::Unknown, ""),
            ModelSays::Fails | ModelSays::OverQuota => (ModelOutcome::Failed, ""),
            ModelSays::OverQuotaAnswers(text) => (ModelOutcome::Answered, text.as_str()),
        };
        let is_over = matches!(said, ModelSays::OverQuota | ModelSays::OverQuotaAnswers(_));
        Ok(What::ModelAnswered(ModelAnswer {
            request_id,
            outcome,
            text: person(text),
            citations: Vec::new(),
            confidence: judged.map(|judged| judged.confidence),
            next: judged.map(|judged| judged.action).unwrap_or_default(),
            offline: is_over,
            quota_resets_ms: is_over.then_some((self.now_ms / HOUR_MS + 1) * HOUR_MS),
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
            Effect::AskModel { question, model, .. } => {
                let question = question.into_inner();
                self.line(&format!("* a model is asked: {question}"));
                seen.model_heard += &question;
                seen.asked_model = true;
                seen.asked_of = model;
            }
            Effect::CaptureLead(lead) => {
                self.line(&format!("* a lead: {}, {}", lead.temperature.as_str(), lead.score));
                seen.lead = Some(lead);
            }
            Effect::RescoreLead(now) => {
                self.line(&format!(
                    "* the lead is {}, {} now",
                    now.lead.temperature.as_str(),
                    now.lead.score
                ));
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
            Effect::WaitForMore { turn, due_ms } => self.waiting.push((due_ms, turn)),
            Effect::Stop { otherwise, .. } => {
                self.line("* the model need not go on: the person stopped it");
                self.line(&format!("< {}", otherwise.text.expose()));
                seen.said.push(otherwise);
            }
            Effect::Supersede { .. } => self.line("* the model need not go on with the question before"),
            Effect::AnswerCallback { text, .. } => {
                if let Some(text) = text {
                    self.line(&format!("* notice: {text}"));
                    seen.notice = text;
                }
            }
            Effect::KeepFile { .. }
            | Effect::Typing
            | Effect::ExportData
            | Effect::RequestErasure { .. }
            | Effect::CancelErasure
            | Effect::ExpectAnswer { .. }
            | Effect::Gathered
            | Effect::FlowMoved { .. }
            | Effect::ConversationStarted { .. } => {}
        }
    }

    fn line(&mut self, line: &str) {
        // Writing to a string can not fail.
        let _ = writeln!(self.transcript, "{line}");
    }
}
