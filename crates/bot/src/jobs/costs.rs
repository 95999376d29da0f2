use async_trait::async_trait;
use classify::Failure;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection};
use rpc::llm::CostsRequest;
use rpc::llm::costs_client::CostsClient;
use rpc::{Bearer, Channel, InterceptedService};
use serde::{Deserialize, Serialize};

use crate::conversation::{Conversations, Place, Turn};
use crate::domain::{Chat, Costs, Message, Person, What};
use crate::store::conversation::ChatKey;

/// The queue of [`TellCosts`].
pub(crate) const COSTS: &str = "bot.costs";
/// Models that an admin is told of.
const MOST_MODELS: usize = 5;

/// An admin wants to know what models cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CostsWanted {
    pub(crate) bot: String,
    /// The admin's private chat.
    pub(crate) chat_id: i64,
    /// When the question had reached the gateway. Unix milliseconds.
    pub(crate) received_at_ms: i64,
}

/// The client of the model worker; connects when first used and again when it must.
pub(crate) type Ledger = CostsClient<InterceptedService<Channel, Bearer>>;

/// Asks the model worker what models cost, and has the conversation tell it.
pub(crate) struct TellCosts {
    pub(crate) conversations: Conversations,
    pub(crate) ledger: Ledger,
}

#[async_trait]
impl JobHandler for TellCosts {
    type Done = Option<Costs>;

    fn queue(&self) -> QueueSpec {
        QueueSpec::new(COSTS)
    }

    /// Where the worker does not answer the admin is told so, and may ask again.
    async fn run(&self, _: &Job) -> Result<Option<Costs>, JobError> {
        let request = CostsRequest { from_ms: 0, to_ms: 0, by: "model".to_owned() };
        let told = match self.ledger.clone().costs(request).await {
            Ok(told) => told.into_inner(),
            Err(status) => {
                tracing::warn!(code = ?status.code(), "the model worker did not say what models cost");
                return Ok(None);
            }
        };
        let models = told.lines.into_iter().filter(|line| line.cost_micros > 0).take(MOST_MODELS);
        Ok(Some(Costs {
            today_micros: told.today.unwrap_or_default().cost_micros,
            month_micros: told.month.unwrap_or_default().cost_micros,
            limit_micros: told.day_limit_micros,
            resets_ms: told.resets_at_ms,
            models: models.map(|line| (line.name, line.cost_micros)).collect(),
        }))
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        done: &[(Job, Option<Costs>)],
    ) -> Result<AfterCommit, Failure> {
        let mut turns = Vec::with_capacity(done.len());
        for (job, costs) in done {
            let CostsWanted { bot, chat_id, received_at_ms } = job.json()?;
            turns.push(Turn {
                key: ChatKey { bot, chat_id },
                chat_kind: String::new(),
                what: What::Costs(costs.clone()),
                person: Person::default(),
                chat: Chat::PRIVATE,
                message: Message::default(),
                place: Place::default(),
                said: None,
                received_at_ms,
                trail: job.trail.clone(),
            });
        }
        self.conversations.run(tx, turns).await
    }
}
