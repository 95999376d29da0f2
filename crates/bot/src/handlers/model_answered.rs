use async_trait::async_trait;
use bot_folder::NextStep;
use bus::{BatchHandler, Delivery};
use classify::{Class, Failure};
use events::message::llm::ModelAnswered;
use events::message::llm::model_answered::{Action, Outcome};
use ids::Pii;
use pg::{AfterCommit, PgConnection};

use crate::conversation::{Conversations, Place, Turn};
use crate::domain::{Chat, Message, ModelAnswer, ModelOutcome, Person, What};
use crate::store::conversation::ChatKey;

/// A model's answer moves the conversation that asked.
pub(crate) struct ModelAnsweredHandler(pub(crate) Conversations);

#[async_trait]
impl BatchHandler for ModelAnsweredHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let turns = batch.iter().map(turn).collect::<Result<_, _>>()?;
        self.0.run(tx, turns).await
    }
}

fn turn(event: &Delivery) -> Result<Turn, Failure> {
    let answered: ModelAnswered = event.decode()?;
    let request_id = answered.request_id.parse().map_err(|error| Failure::new(Class::Permanent, error))?;
    let outcome = match answered.outcome() {
        Outcome::Answered => ModelOutcome::Answered,
        Outcome::Unknown => ModelOutcome::Unknown,
        Outcome::Failed | Outcome::Superseded | Outcome::Unspecified => ModelOutcome::Failed,
    };
    let next = match answered.action() {
        Action::Handoff => NextStep::Handoff,
        Action::Clarify => NextStep::Clarify,
        Action::Resolve => NextStep::Resolve,
        Action::Continue | Action::Unspecified => NextStep::Continue,
    };
    Ok(Turn {
        key: ChatKey { bot: answered.bot, chat_id: answered.chat_id },
        chat_kind: String::new(),
        what: What::ModelAnswered(ModelAnswer {
            request_id,
            outcome,
            text: Pii::new(answered.text),
            confidence: answered.confidence,
            next,
            citations: answered.citations,
            offline: answered.provider == "offline",
            quota_resets_ms: Some(answered.quota_resets_at_ms).filter(|resets| *resets > 0),
        }),
        person: Person::default(),
        chat: Chat::PRIVATE,
        message: Message::default(),
        place: Place::default(),
        said: None,
        received_at_ms: answered.received_at_ms,
        trail: event.trail_of_effects(),
    })
}
