//! Plays a conversation and writes it down: what the person did, what the bot did, what it remembers.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use bot_folder::{BotFolder, NextStep};
use ids::{LeadId, Pii, RequestId, Uuid};

use crate::domain::{
    Chat, ConversationState, Effect, Engine, Input, Message, ModelAnswer, ModelOutcome, Person, Target, What,
};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bots/dev2production");
    Engine::new(Arc::new(BotFolder::load(&path).unwrap_or_else(|errors| panic!("{errors}"))))
});

pub(in crate::domain) fn engine() -> &'static Engine {
    &ENGINE
}

pub(in crate::domain) fn anna(language_code: &str) -> Person {
    Person {
        user_id: 77,
        first_name: Pii::new("Anna".to_owned()),
        last_name: Pii::new("K".to_owned()),
        username: Pii::new("anna_k".to_owned()),
        language_code: language_code.to_owned(),
        is_bot: false,
    }
}

pub(in crate::domain) fn input(what: What, person: Person, now_ms: i64, serial: u128) -> Input {
    Input {
        what,
        person,
        chat: Chat::PRIVATE,
        message: Message::default(),
        now_ms,
        request_id: RequestId(Uuid::from_u128(serial)),
        lead_id: LeadId(Uuid::from_u128(serial)),
        choosable: [].into(),
        bot_username: Some("dev_bot".to_owned()),
    }
}

pub(super) struct Script {
    pub(super) person: Person,
    pub(super) state: ConversationState,
    now_ms: i64,
    serial: u128,
    /// Every button that was ever shown, newest last.
    shown: Vec<(String, String)>,
    /// Until when more is waited for, and of which turn.
    waiting: Vec<(i64, RequestId)>,
    text: String,
    /// The last one that was captured.
    pub(super) lead: Option<Box<crate::domain::Lead>>,
}

impl Script {
    pub(super) fn new(language_code: &str) -> Self {
        Self {
            person: anna(language_code),
            state: ConversationState::default(),
            // A Tuesday, 13:13 in Moscow.
            now_ms: 1_699_956_800_000,
            serial: 0,
            shown: Vec::new(),
            waiting: Vec::new(),
            text: String::new(),
            lead: None,
        }
    }

    /// Says it and is quiet then.
    pub(super) fn says(&mut self, text: &str) -> &mut Self {
        self.happens(&format!("> {text}"), What::Text(Pii::new(text.to_owned()))).is_quiet()
    }

    /// Whatever was waited for comes to its end.
    fn is_quiet(&mut self) -> &mut Self {
        while let Some((due_ms, turn)) = self.waiting.pop() {
            self.now_ms = self.now_ms.max(due_ms);
            self.happens("… quiet", What::Quiet { turn, due_ms });
        }
        self
    }

    /// Presses the newest button with this label.
    pub(super) fn presses(&mut self, label: &str) -> &mut Self {
        let button = self.shown.iter().rev().find(|(known, _)| known == label);
        let (_, data) = button.unwrap_or_else(|| panic!("no button {label:?} in {:?}", self.shown)).clone();
        self.press(label, data)
    }

    /// Presses the first button that ever had this label.
    pub(super) fn presses_first(&mut self, label: &str) -> &mut Self {
        let button = self.shown.iter().find(|(known, _)| known == label);
        let (_, data) = button.unwrap_or_else(|| panic!("no button {label:?} in {:?}", self.shown)).clone();
        self.press(label, data)
    }

    fn press(&mut self, label: &str, data: String) -> &mut Self {
        self.happens(&format!("> [{label}]"), What::Button { callback_id: "cb".to_owned(), data })
    }

    pub(super) fn shares_contact(&mut self, phone: &str) -> &mut Self {
        let what =
            What::Contact { phone: Pii::new(phone.to_owned()), name: Pii::new("Anna".to_owned()), own: true };
        self.happens(&format!("> (contact {phone})"), what)
    }

    pub(super) fn sends(&mut self, what: What) -> &mut Self {
        self.happens(&format!("> ({what:?})"), what)
    }

    /// The model answers the oldest open question.
    pub(super) fn model(&mut self, outcome: ModelOutcome, text: &str, citations: &[&str]) -> &mut Self {
        let request_id =
            self.state.pending.first().map_or(RequestId(Uuid::nil()), |pending| pending.request_id);
        let answer = ModelAnswer {
            request_id,
            outcome,
            text: Pii::new(text.to_owned()),
            citations: citations.iter().map(|title| (*title).to_owned()).collect(),
            confidence: None,
            next: NextStep::Continue,
            offline: false,
            quota_resets_ms: None,
        };
        self.happens(&format!("~ model: {outcome:?} {text}"), What::ModelAnswered(answer))
    }

    pub(super) fn waits_hours(&mut self, hours: i64) -> &mut Self {
        self.now_ms += hours * 3_600_000;
        let _ = writeln!(self.text, "… {hours} h");
        self
    }

    fn happens(&mut self, line: &str, what: What) -> &mut Self {
        self.serial += 1;
        self.now_ms += 1_000;
        let mut input = input(what, self.person.clone(), self.now_ms, self.serial);
        if let What::Text(_) = input.what {
            input.message.id = i64::try_from(self.serial).unwrap();
        }
        let step = engine().step(std::mem::take(&mut self.state), &input);
        assert!(!step.effects.is_empty(), "{line}");
        let _ = writeln!(self.text, "{line}");
        for effect in &step.effects {
            if let Effect::CaptureLead(lead) = effect {
                self.lead = Some(lead.clone());
            }
            self.write(effect);
        }
        self.state = step.state;
        self.remember();
        self
    }

    fn write(&mut self, effect: &Effect) {
        let text = &mut self.text;
        let _ = match effect {
            Effect::Send(message) => {
                let _ = writeln!(
                    text,
                    "< ({}) {}",
                    message.source.as_str(),
                    message.text.expose().replace('\n', "\n  ")
                );
                for row in &message.buttons {
                    let labels: Vec<_> = row.iter().map(|button| format!("[{}]", button.label)).collect();
                    let _ = writeln!(text, "    {}", labels.join(" "));
                    self.shown.extend(row.iter().filter_map(|button| match &button.target {
                        Target::Callback(data) => Some((button.label.clone(), data.clone())),
                        Target::Url(_) => None,
                    }));
                }
                Ok(())
            }
            Effect::RescoreLead(now) => {
                let (lead, before) = (&now.lead, now.score_before);
                writeln!(text, "* lead: {before} to {} {}", lead.temperature.as_str(), lead.score)
            }
            Effect::CaptureLead(lead) => {
                let _ =
                    writeln!(text, "* lead: {} {} ({})", lead.temperature.as_str(), lead.score, lead.lang);
                for reason in &lead.evidence {
                    let _ = writeln!(text, "    {:+} {}", reason.points, reason.rule);
                }
                for answer in &lead.answers {
                    let _ = writeln!(text, "    {} = {}", answer.field, answer.value.expose());
                }
                let contact = &lead.contact;
                let _ = writeln!(
                    text,
                    "    {} | @{} | {} | {} | {}",
                    contact.name.expose(),
                    contact.username.expose(),
                    contact.email.expose(),
                    contact.phone.expose(),
                    lead.start_payload.as_deref().unwrap_or("-")
                );
                Ok(())
            }
            Effect::AnswerCallback { text: notice, .. } => match notice {
                Some(notice) => writeln!(text, "* notice: {notice}"),
                None => Ok(()),
            },
            Effect::AskModel { folder, question, lang, .. } => {
                assert_eq!(folder, engine().folder().name());
                writeln!(text, "* ask model ({lang}): {}", question.expose())
            }
            Effect::FlowMoved { flow, movement } => writeln!(text, "* flow {flow} {}", movement.as_str()),
            Effect::Handoff { reason, details } => {
                let about = details.as_ref().map(|details| details.summary.expose().replace('\n', "; "));
                writeln!(text, "* handoff: {} {}", reason.as_str(), about.unwrap_or_default())
            }
            Effect::RemindLater { run, at_ms } => {
                writeln!(text, "* remind of #{run} in {} min", (at_ms - self.now_ms) / 60_000)
            }
            Effect::ConversationStarted { lang, start_payload } => {
                writeln!(text, "* conversation started ({lang}) {}", start_payload.as_deref().unwrap_or("-"))
            }
            Effect::Limit(limited) => {
                writeln!(text, "* {}: {}", limited.change.as_str(), limited.why.as_str())
            }
            Effect::Ignore { reason } => writeln!(text, "* ignored: {reason}"),
            Effect::WaitForMore { turn, due_ms } => {
                self.waiting.push((*due_ms, *turn));
                Ok(())
            }
            Effect::ExpectAnswer { .. } => Ok(()),
            Effect::Gathered => writeln!(text, "* gathered"),
            Effect::Supersede { .. } => writeln!(text, "* superseded"),
            Effect::Stop { otherwise, .. } => writeln!(text, "* stopped, else {}", otherwise.text.expose()),
            Effect::Typing => writeln!(text, "* typing"),
            Effect::KeepFile { file, limits } => {
                writeln!(text, "* keep a {} of {:?} bytes, {limits:?}", file.kind, file.size)
            }
            Effect::ExportData => writeln!(text, "* an archive of the person's data"),
            Effect::RequestErasure { due_ms } => writeln!(text, "* erasure at {due_ms}"),
            Effect::CancelErasure => writeln!(text, "* no erasure"),
        };
    }

    fn remember(&mut self) {
        let state = &self.state;
        let run = |name: &str, run: &Option<crate::domain::FlowRun>| {
            run.as_ref()
                .map(|run| format!("; {name} {}/{} #{}", run.flow, run.step, run.prompt))
                .unwrap_or_default()
        };
        let lang = state.lang.map_or("-".to_owned(), |lang| lang.to_string());
        let open = self.state.pending.last().is_some_and(|question| question.due_ms.is_some());
        let waits = if open { "; waits for more" } else { "" };
        let pending =
            if state.pending.is_empty() { String::new() } else { format!("; {} open", state.pending.len()) };
        let line = format!("{lang}{}{}{pending}{waits}", run("in", &state.flow), run("left", &state.paused));
        let _ = writeln!(self.text, "= {line}\n");
    }

    pub(super) fn transcript(&self) -> &str {
        &self.text
    }
}
