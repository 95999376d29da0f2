//! Which models people may choose: asked of the model worker now and then, never while somebody waits.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bot_folder::Action;
use classify::Failure;
use rpc::llm::ListRequest;
use rpc::llm::models_client::ModelsClient;
use rpc::{Bearer, Channel, InterceptedService};
use tokio_util::sync::CancellationToken;

use crate::bots::Bots;
use crate::introduce::introduce_one;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(60);
/// Between two tries while nothing has been heard yet.
const FIRST: Duration = Duration::from_secs(5);

/// The models that may be chosen, as `provider/model`; none until the worker has said so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choosable(Arc<RwLock<Arc<[String]>>>);

impl Choosable {
    pub(crate) fn get(&self) -> Arc<[String]> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there are some now where there were none, or none where there were some.
    fn set(&self, models: Vec<String>) -> bool {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let changes = known.is_empty() != models.is_empty();
        *known = models.into();
        changes
    }
}

/// The task that learns them. Where the worker does not answer, what it said last holds.
#[derive(Clone)]
pub(crate) struct LearnChoosable {
    pub(crate) choosable: Choosable,
    pub(crate) bots: Arc<Bots>,
    pub(crate) worker: ModelsClient<InterceptedService<Channel, Bearer>>,
}

impl LearnChoosable {
    /// Asks until it is told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) -> Result<(), Failure> {
        let mut pause = FIRST;
        loop {
            match self.worker.clone().list(ListRequest { choosable: true }).await {
                Ok(told) => {
                    pause = EVERY;
                    let models = told.into_inner().models.into_iter().map(|model| model.id).collect();
                    if self.choosable.set(models) {
                        self.introduce().await;
                    }
                }
                Err(status) => {
                    tracing::debug!(code = ?status.code(), "the model worker did not say which models may be chosen");
                }
            }
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return Ok(());
            }
        }
    }

    /// The command is in Telegram's list only while it does something.
    async fn introduce(&self) {
        for (name, served) in self.bots.iter() {
            let engine = served.engines.current();
            if engine.folder().menu.commands.iter().all(|command| command.action != Action::Model) {
                continue;
            }
            if let Err(error) = introduce_one(served, &self.choosable).await {
                tracing::warn!(bot = name, %error, "Telegram could not be told the bot's commands");
            }
        }
    }
}
