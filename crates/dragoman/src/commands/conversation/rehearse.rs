//! Holds a conversation again: what the person said goes to an engine, and its questions to a model.

use anyhow::Result;
use bot::domain::{
    Chat, ConversationState, Effect, Engine, Input, ModelAnswer, ModelOutcome, Person, SentFile, Step, What,
};
use bot::transcript::{Line, Talk};
use ids::{Ids, Pii, RequestId};
use llm_worker::Rehearsal;

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
        chat: Chat { id: talk.chat_id, private: talk.chat_kind == "private", addressed: true },
        ids: Ids::system(),
        state: ConversationState::default(),
        history: Vec::new(),
    };
    let mut pairs: Vec<Pair> = Vec::new();
    for line in lines {
        if !line.from_person {
            if let Some(pair) = pairs.last_mut() {
                pair.was.push(line.text.expose().clone());
            }
            continue;
        }
        let mut pair =
            Pair { said: line, was: Vec::new(), now: Vec::new(), intent: None, lead: None, cost_micros: 0 };
        held.says(&mut pair).await?;
        pairs.push(pair);
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
}

impl Held<'_> {
    async fn says(&mut self, pair: &mut Pair) -> Result<()> {
        let text = pair.said.text.expose().clone();
        if !text.is_empty() {
            self.history.push((true, text));
        }
        let step = self.step(happened(&pair.said), &pair.said);
        pair.intent = step.understood.as_ref().map(|one| (one.intent.clone(), one.confidence));
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
                offline: answer.provider == "offline",
            });
            let step = self.step(what, &pair.said);
            self.see(step, pair);
        }
        Ok(())
    }

    fn step(&mut self, what: What, said: &Line) -> Step {
        let input = Input {
            what,
            person: Person { user_id: 1, language_code: self.language.clone(), ..Person::default() },
            chat: self.chat,
            now_ms: said.at.as_millisecond(),
            request_id: self.ids.request(),
            lead_id: self.ids.lead(),
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
                    self.history.push((false, message.text.expose().clone()));
                    pair.now.push(message.text.into_inner());
                }
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
        "edited" => What::Edited,
        "photo" | "document" | "video" | "audio" | "animation" => {
            What::File(Box::new(SentFile { kind: line.kind.clone(), caption: text(), ..SentFile::default() }))
        }
        kind => What::OtherMessage { kind: kind.to_owned() },
    }
}
