//! Holds a conversation again: what the person said goes to an engine, and its questions to a model.

use anyhow::Result;
use bot::domain::{
    Chat, ConversationState, Effect, Engine, Input, Message, ModelAnswer, ModelOutcome, Person, SentFile,
    Step, What,
};
use bot::transcript::{Line, Talk};
use bot_folder::NextStep;
use ids::{Ids, Pii, RequestId};
use llm_worker::Rehearsal;

use super::name;

/// Turns that a model is shown.
const HISTORY: usize = 12;
/// What a shared contact is rehearsed with: its number is not kept with the message.
const A_CONTACT: &str = "+442079460958";

/// One thing the person did, and what was and would be answered.
pub(super) struct Pair {
    pub(super) said: Line,
    pub(super) was: Vec<String>,
    pub(super) now: Vec<String>,
    /// What the engine took it for this time.
    pub(super) intent: Option<(String, f32)>,
    /// A lead that would be captured: its temperature and score.
    pub(super) lead: Option<(&'static str, i32)>,
    pub(super) cost_micros: i64,
}

impl Pair {
    pub(super) fn is_same(&self) -> bool {
        self.was == self.now
    }
}

/// Holds the conversation anew with this engine, from its first message.
pub(super) async fn rehearse(
    engine: &Engine,
    model: &Rehearsal,
    talk: &Talk,
    lines: Vec<Line>,
) -> Result<Vec<Pair>> {
    let mut held = Held {
        engine,
        model,
        language: talk.language.clone(),
        chat: Chat { id: talk.chat_id, private: talk.chat_kind == "private", addressed: true, topic: None },
        ids: Ids::system(),
        state: ConversationState::default(),
        history: Vec::new(),
        waiting: Vec::new(),
    };
    let mut pairs: Vec<Pair> = Vec::new();
    for line in lines {
        if !line.from_person {
            let was_shown = line.ignored_why.is_none() || line.message_id != 0;
            if let Some(pair) = pairs.last_mut().filter(|_| was_shown) {
                pair.was.push(line.text.expose().clone());
            }
            continue;
        }
        if let Some(pair) = pairs.last_mut() {
            held.is_quiet(line.at.as_millisecond(), pair).await?;
        }
        let mut pair =
            Pair { said: line, was: Vec::new(), now: Vec::new(), intent: None, lead: None, cost_micros: 0 };
        held.says(&mut pair).await?;
        pairs.push(pair);
    }
    if let Some(pair) = pairs.last_mut() {
        held.is_quiet(i64::MAX, pair).await?;
    }
    for pair in &mut pairs {
        pair.now = pair.now.iter().map(|text| name::named(text, &pair.was)).collect();
    }
    Ok(pairs)
}

struct Held<'a> {
    engine: &'a Engine,
    model: &'a Rehearsal,
    language: String,
    chat: Chat,
    ids: Ids,
    state: ConversationState,
    /// Whether by the person, and what.
    history: Vec<(bool, String)>,
    /// Until when more is waited for, and of which turn.
    waiting: Vec<(i64, RequestId)>,
}

impl Held<'_> {
    async fn says(&mut self, pair: &mut Pair) -> Result<()> {
        let text = pair.said.text.expose().clone();
        if !text.is_empty() {
            self.history.push((true, text));
        }
        let (at_ms, message_id) = (pair.said.at.as_millisecond(), pair.said.message_id);
        let step = self.step(happened(&pair.said), at_ms, message_id);
        pair.intent = step.understood.as_ref().map(|one| (one.intent.clone(), one.confidence));
        self.goes_on(step, at_ms, pair).await
    }

    /// What was waited for until then comes to its end.
    async fn is_quiet(&mut self, until_ms: i64, pair: &mut Pair) -> Result<()> {
        while let Some(nth) = self.waiting.iter().position(|(due_ms, _)| *due_ms <= until_ms) {
            let (due_ms, turn) = self.waiting.remove(nth);
            let step = self.step(What::Quiet { turn, due_ms }, due_ms, 0);
            self.goes_on(step, due_ms, pair).await?;
        }
        Ok(())
    }

    /// Shows what a step does, and asks the model where it wants that.
    async fn goes_on(&mut self, step: Step, at_ms: i64, pair: &mut Pair) -> Result<()> {
        if let Some(request_id) = self.see(step, pair) {
            let from = self.history.len().saturating_sub(HISTORY);
            let answer =
                self.model.answer(self.engine.folder(), &self.language, &self.history[from..]).await?;
            pair.cost_micros += answer.cost_micros;
            let outcome = match (&answer.text, answer.outcome) {
                (Some(_), _) => ModelOutcome::Answered,
                (None, "unknown") => ModelOutcome::Unknown,
                (None, _) => ModelOutcome::Failed,
            };
            let what = What::ModelAnswered(ModelAnswer {
                request_id,
                outcome,
                text: answer.text.unwrap_or_default(),
                citations: answer.citations,
                confidence: answer.confidence,
                next: if answer.hands_over { NextStep::Handoff } else { NextStep::Continue },
                offline: answer.provider == "offline",
                quota_resets_ms: None,
            });
            let step = self.step(what, at_ms, 0);
            self.see(step, pair);
        }
        Ok(())
    }

    fn step(&mut self, what: What, now_ms: i64, message_id: i64) -> Step {
        let is_own = !matches!(what, What::Button { .. });
        let input = Input {
            what,
            person: Person {
                user_id: 1,
                first_name: Pii::new(name::STAND_IN.to_owned()),
                language_code: self.language.clone(),
                ..Person::default()
            },
            chat: self.chat,
            message: Message { id: if is_own { message_id } else { 0 } },
            now_ms,
            request_id: self.ids.request(),
            lead_id: self.ids.lead(),
            choosable: [].into(),
            bot_username: None,
        };
        let step = self.engine.step(std::mem::take(&mut self.state), &input);
        self.state = step.state.clone();
        step
    }

    /// Keeps what would be said; returns the question that a model is to be asked.
    fn see(&mut self, step: Step, pair: &mut Pair) -> Option<RequestId> {
        let mut asked = None;
        for effect in step.effects {
            match effect {
                Effect::Send(message) => {
                    self.history.push((false, name::without(message.text.expose())));
                    pair.now.push(message.text.into_inner());
                }
                Effect::WaitForMore { turn, due_ms } => self.waiting.push((due_ms, turn)),
                Effect::AskModel { request_id, .. } => asked = Some(request_id),
                Effect::CaptureLead(lead) => pair.lead = Some((lead.temperature.as_str(), lead.score)),
                _ => {}
            }
        }
        asked
    }
}

/// The message as the engine was told of it, as far as that is kept.
fn happened(line: &Line) -> What {
    let text = || line.text.clone();
    match line.kind.as_str() {
        "text" | "command" => What::Text(text()),
        "button" => What::Button { callback_id: String::new(), data: line.text.expose().clone() },
        "contact" => What::Contact { phone: Pii::new(A_CONTACT.to_owned()), name: Pii::default(), own: true },
        "voice" | "video_note" => What::Voice,
        "edited" => What::Edited(text()),
        "photo" | "document" | "video" | "audio" | "animation" => {
            What::File(Box::new(SentFile { kind: line.kind.clone(), caption: text(), ..SentFile::default() }))
        }
        kind => What::OtherMessage { kind: kind.to_owned() },
    }
}
