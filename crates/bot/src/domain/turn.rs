//! One step in the making: what is known of the conversation, and the effects gathered so far.

use bot_folder::{BotFolder, Lang, Say};
use ids::{Pii, Timestamp};

use super::say::{self, fill};
use super::words::{Heard, hear};
use super::{
    Button, ConversationState, Effect, Engine, Input, Outgoing, Part, Pending, Place, Source, Step, What,
    Zone,
};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

pub(super) struct Turn<'a> {
    pub(super) engine: &'a Engine,
    pub(super) folder: &'a BotFolder,
    pub(super) input: &'a Input,
    pub(super) state: ConversationState,
    pub(super) lang: Lang,
    /// The last thing said, before this, was the question whether to go on with a flow.
    pub(super) resume_was_offered: bool,
    /// The language that the person spoke last.
    known_lang: Option<Lang>,
    pub(super) effects: Vec<Effect>,
    /// The person's message that is answered; 0 where there is none.
    pub(super) to: i64,
    pub(super) place: Place,
    /// The messages that this is about, where they are others than the one that comes in.
    pub(super) said: Vec<Part>,
    /// The question whose words are complete, until something answers it.
    pub(super) closing: Option<Pending>,
    /// The entry of the FAQ that comes nearest, and how surely it is meant.
    pub(super) found: Option<(String, f32)>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(engine: &'a Engine, state: ConversationState, input: &'a Input) -> Self {
        let folder: &BotFolder = engine.folder();
        // A state of a shape that is not known can not be carried on.
        let state = if state.is_understood() { state } else { ConversationState::default() };
        let lang = folder.bot.default_language;
        let known_lang = state.lang;
        Self {
            engine,
            folder,
            input,
            state,
            lang,
            resume_was_offered: false,
            known_lang,
            effects: Vec::new(),
            to: input.message.id,
            place: Place::Below,
            said: Vec::new(),
            closing: None,
            found: None,
        }
    }

    pub(super) fn run(mut self) -> Step {
        let ignored = self.ignored();
        if ignored.is_none() {
            self.take_seat();
        }
        let waiting = self.navigation().or_else(|| Some(super::intent::answer_to(self.state.flow.as_ref()?)));
        match ignored {
            Some(reason) => self.effects.push(Effect::Ignore { reason }),
            None => {
                let given = self.messages_of_flow();
                self.handle();
                self.remember_turn(given);
                self.offer_spoken_languages();
            }
        }
        if self.effects.is_empty() {
            self.effects.push(Effect::Ignore { reason: "there is nothing to say" });
        }
        let understood = match self.input.what {
            What::ModelAnswered(_) => None,
            _ => super::intent::of(&self.effects, waiting, self.found),
        };
        Step { state: self.state, effects: self.effects, understood }
    }

    /// In a group: whose doing it is has their own before them.
    fn take_seat(&mut self) {
        if self.input.chat.private {
            return;
        }
        let asked = match &self.input.what {
            What::ModelAnswered(answer) => Some(answer.request_id),
            What::Quiet { turn, .. } => Some(*turn),
            _ => None,
        };
        let asked = self.state.pending.iter().find(|question| Some(question.request_id) == asked);
        let person = asked.map_or(self.input.person.user_id, |question| question.asked_by);
        let known = self.state.seat(person);
        // What nobody did is told in the language that was spoken last.
        self.known_lang = if person == 0 { self.state.lang } else { known };
        self.state.seated = person;
    }

    /// The way through a flow that a button or a whole message is for, rather than an answer.
    fn navigation(&self) -> Option<String> {
        let way = match &self.input.what {
            What::Button { data, .. } => super::flow::navigation(data),
            What::Text(text) if self.state.flow.is_some() => match self.engine.orders.of(text.expose()) {
                Some(super::words::Spoken::Order(order)) => order.navigation(),
                _ => None,
            },
            _ => None,
        };
        way.map(|way| format!("navigation:{way}"))
    }

    fn ignored(&self) -> Option<&'static str> {
        match &self.input.what {
            What::ModelAnswered(_)
            | What::ReminderDue { .. }
            | What::FilesChecked(_)
            | What::DealEnded(_)
            | What::Costs(_) => None,
            What::Notice { .. } | What::Joined { .. } | What::Lifted { .. } => {
                Some("a notice wants no answer")
            }
            What::Quiet { .. } | What::Stopped { .. } => None,
            What::Edited(text) if text.expose().trim().is_empty() => Some("the edit has no words"),
            What::Edited(_) if !self.state.started() => {
                Some("nothing is known of the message that was edited")
            }
            _ if self.input.person.is_bot => Some("another bot wrote it"),
            _ if !self.input.chat.private && !self.input.chat.addressed => {
                Some("in the group nobody spoke to the bot")
            }
            _ => None,
        }
    }

    fn handle(&mut self) {
        if !matches!(self.input.what, What::Quiet { .. } | What::Stopped { .. }) {
            self.resume_was_offered = std::mem::take(&mut self.state.resume_offered);
        }
        self.forget_what_is_gone();
        self.choose_language();
        self.learn_zone();
        match &self.input.what {
            What::Text(text) => self.text(text.expose()),
            What::Button { callback_id, data } => self.button(callback_id, data),
            What::Contact { phone, .. } => self.contact(phone.expose()),
            What::File(file) => self.file(file),
            What::FilesChecked(files) => self.files_checked(files),
            What::Voice => self.aside(&self.folder.bot.texts.unexpected_voice),
            What::OtherMessage { .. } => self.aside(&self.folder.bot.texts.not_understood),
            What::ModelAnswered(answer) => self.model_answered(answer),
            What::DealEnded(deal) => self.deal_ended(*deal),
            What::Costs(costs) => self.costs(costs.as_ref()),
            What::ReminderDue { run } => {
                self.state.resume_offered = self.resume_was_offered;
                self.reminder_due(*run);
            }
            What::Edited(text) => self.edited(text.expose()),
            What::Quiet { turn, due_ms } => self.quiet(*turn, *due_ms),
            What::Stopped { draft_id } => self.stopped(*draft_id),
            // All are ignored before it comes to this.
            What::Notice { .. } | What::Joined { .. } | What::Lifted { .. } => {}
        }
        // What says nothing leaves the question as the last thing said.
        let says = self.effects.iter().any(|effect| matches!(effect, Effect::Send(_)));
        if !says && !matches!(self.input.what, What::Button { .. }) {
            self.state.resume_offered |= self.resume_was_offered;
        }
    }

    /// Drops what can not be gone on with: a flow that is in the folder no more, one left too long ago.
    fn forget_what_is_gone(&mut self) {
        let folder = self.folder;
        let keep_ms = i64::from(folder.bot.limits.flow_keep_days) * DAY_MS;
        let now_ms = self.input.now_ms;
        let private = self.input.chat.private;
        let lives = |run: &super::FlowRun| {
            folder.flow(&run.flow).is_some_and(|flow| {
                (private || flow.runs_in_groups())
                    && flow.step(&run.step).is_some()
                    && (run.stage != super::Stage::Review || flow.confirm.is_some())
            }) && now_ms.saturating_sub(run.touched_ms) <= keep_ms
        };
        self.state.flow = self.state.flow.take().filter(lives);
        self.state.below.retain(lives);
        self.state.paused = self.state.paused.take().filter(lives).or_else(|| self.state.below.pop());
        self.state.sent =
            self.state.sent.take().filter(|sent| now_ms.saturating_sub(sent.run.touched_ms) <= keep_ms);
        let idle_ms = i64::from(folder.bot.limits.flow_idle_hours) * HOUR_MS;
        let may_go_on = |run: &super::FlowRun| {
            let has_to_lose = folder.flow(&run.flow).is_some_and(|flow| flow.keep);
            lives(run) && (has_to_lose || now_ms.saturating_sub(run.touched_ms) <= idle_ms)
        };
        for seat in &mut self.state.seats {
            seat.forget_runs(may_go_on);
        }
    }

    fn choose_language(&mut self) {
        let spoken = &self.folder.bot.languages;
        let known = self.known_lang.filter(|lang| spoken.contains(lang));
        let words = match &self.input.what {
            What::Text(text) => text.expose().as_str(),
            What::File(file) => file.caption.expose().as_str(),
            _ => "",
        };
        let heard =
            if self.state.lang_chosen || words.starts_with('/') { Heard::Nothing } else { hear(words) };
        let (telegrams, group) = (self.input.person.lang(), !self.input.chat.private);
        let chosen = self.state.ear.choose(heard, known, telegrams, spoken, group);
        self.lang = chosen.unwrap_or(self.folder.bot.default_language);
        if !self.input.what.is_of_the_person() {
            if group && self.state.started() {
                self.state.lang = Some(self.lang);
            }
            return;
        }
        if !self.state.started() {
            let start_payload = match &self.input.what {
                What::Text(text) => start_payload(text.expose()).filter(|payload| self.is_source(payload)),
                _ => None,
            };
            self.state.start_payload.clone_from(&start_payload);
            self.effects.push(Effect::ConversationStarted { lang: self.lang, start_payload });
        }
        self.state.lang = Some(self.lang);
    }

    /// Only of a private chat: in a group it would be the zone of whoever spoke last.
    fn learn_zone(&mut self) {
        let learnt = match &self.input.what {
            What::Text(text) if self.input.chat.private => Zone::said(text.expose()),
            What::Contact { phone, own: true, .. } if self.input.chat.private => {
                Zone::of_phone(phone.expose())
            }
            _ => None,
        };
        Zone::learn(&mut self.state.zone, learnt);
    }

    /// Tells someone who writes in a language of their own which ones there are, below what is said anyway.
    fn offer_spoken_languages(&mut self) {
        let text = self.folder.bot.texts.other_language.get(self.lang);
        let Some(Effect::Send(message)) =
            self.effects.iter_mut().rev().find(|effect| matches!(effect, Effect::Send(_)))
        else {
            return;
        };
        if !text.is_empty() && self.state.ear.take_offer() {
            message.text = Pii::new(format!("{}\n\n{text}", message.text.expose()));
            message.buttons.push(super::text::languages(self.folder));
        }
    }

    /// A text filled with what every text may name.
    pub(super) fn fill(&self, text: &str, more: &[(&str, &str)]) -> String {
        let name = say::first_name(self.input.person.first_name.expose());
        let comma_name = if name.is_empty() { String::new() } else { format!(", {name}") };
        let general = [
            ("name", name.as_str()),
            (", name", comma_name.as_str()),
            ("bot", self.folder.bot.persona.name.as_str()),
        ];
        fill(text, &[&general, more].concat())
    }

    pub(super) fn send(&mut self, text: String, buttons: Vec<Vec<Button>>, source: Source) {
        self.effects.push(Effect::Send(Outgoing {
            text: Pii::new(text),
            buttons,
            source,
            given: None,
            to: self.to,
            place: self.place,
        }));
    }

    /// Says something of the folder; where a flow was left, with a button back into it.
    pub(super) fn say(&mut self, say: &Say, more: &[(&str, &str)], source: Source) {
        let text = self.fill(say.text.get(self.lang), more);
        let mut rows = say::rows(&say.buttons, self.lang);
        if self.state.paused.is_some() {
            rows.insert(0, vec![self.resume_button()]);
        }
        self.send(text, rows, source);
    }

    /// Says something beside the point: where a flow waits for an answer, its question follows.
    pub(super) fn aside(&mut self, say: &Say) {
        if self.state.flow.is_some() {
            let text = self.fill(say.text.get(self.lang), &[]);
            self.with_question(text, Source::Canned);
        } else {
            self.say(say, &[], Source::Canned);
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.input.now_ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Whether people of the business are there now.
    pub(super) fn is_open(&self) -> bool {
        self.folder.bot.hours.as_ref().is_none_or(|hours| hours.open(self.now()))
    }

    /// When they are there again, in words; empty where there are no hours.
    pub(super) fn opens(&self) -> String {
        self.folder.bot.hours.as_ref().map_or_else(String::new, |hours| hours.opens(self.now(), self.lang))
    }

    /// Puts a button that calls a human below the last message.
    pub(super) fn add_human(&mut self) {
        let human = bot_folder::Action::Human.to_string();
        let button = Button::callback(self.folder.bot.labels.human.get(self.lang), &human);
        if let Some(Effect::Send(message)) = self.effects.last_mut() {
            message.buttons.push(vec![button]);
        }
    }

    pub(super) fn resume_button(&self) -> Button {
        Button::callback(
            self.folder.bot.labels.resume.get(self.lang),
            &bot_folder::Action::Resume.to_string(),
        )
    }
}

/// What a start link carries: `/start PAYLOAD`.
pub(super) fn start_payload(text: &str) -> Option<String> {
    let (name, rest) = super::text::command(text)?;
    // Telegram allows 64 of A-Z a-z 0-9 _ -.
    let fits = (1..=64).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    (name == "start" && fits).then(|| rest.to_owned())
}
