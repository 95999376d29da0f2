use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::{Stream, stream};
use ids::{Clock, Ids};
use rpc::llm::call_failure::Reason;
use rpc::llm::models_server::{Models as Service, ModelsServer};
use rpc::llm::{
    BudgetPeriod, CallPayer, CompleteRequest, CompleteResponse, ListRequest, ListResponse, ModelCard,
};
use rpc::{Request, Response, Status, refusal};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::account::{Account, Bill, MODE};
use super::answer::Answer;
use super::call::{Wanted, wanted};
use super::failure::{field, of_ours, of_provider, refused, told};
use super::paced::paced;
use crate::money::window::Period;
use crate::money::{Money, Verdict, Who, estimate};
use crate::providers::{Catalog, Model, OFFLINE};

/// No call goes on for longer; OpenAI's clients wait as long.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// A request is a little longer than the body it was made from.
const MOST_BYTES: usize = 6 * 1024 * 1024;

/// `Models`: calls of a model for services that wait.
#[derive(Clone)]
pub(crate) struct Models {
    pub(crate) catalog: Catalog,
    pub(crate) money: Money,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    /// Models that people may choose, as `provider/model`.
    pub(crate) choosable: Arc<[String]>,
    /// Calls under way at most.
    pub(crate) room: Arc<Semaphore>,
}

type Answers = Pin<Box<dyn Stream<Item = Result<CompleteResponse, Status>> + Send>>;

#[async_trait]
impl Service for Models {
    type CompleteStream = Answers;

    async fn complete(&self, request: Request<CompleteRequest>) -> Result<Response<Answers>, Status> {
        let deadline = Instant::now() + LONGEST;
        let request = request.into_inner();
        let is_whole = request.whole;
        let answer = self.open(request, deadline).await?;
        let answers: Answers = if is_whole {
            let whole = answer.whole().await?;
            Box::pin(stream::iter([Ok(whole)]))
        } else {
            Box::pin(paced(answer))
        };
        Ok(Response::new(answers))
    }

    async fn list(&self, request: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        let wants_choosable = request.into_inner().choosable;
        let is_meant = |model: &Arc<Model>| {
            let may_be_chosen = || self.choosable.iter().any(|id| *id == model.info.id.to_string());
            model.provider.name() != OFFLINE && (!wants_choosable || may_be_chosen())
        };
        let models = self.catalog.models().into_iter().filter(is_meant).map(|model| ModelCard {
            id: model.info.id.to_string(),
            provider: model.provider.name().to_owned(),
            context_tokens: model.info.context_tokens,
            max_output_tokens: model.info.max_output_tokens,
        });
        Ok(Response::new(ListResponse { models: models.collect() }))
    }
}

impl Models {
    pub(crate) fn service(self) -> ModelsServer<Self> {
        ModelsServer::new(self).max_decoding_message_size(MOST_BYTES)
    }

    /// Books the call and makes it, up to where its answer begins.
    async fn open(&self, mut request: CompleteRequest, deadline: Instant) -> Result<Answer, Status> {
        let room = self.room.clone().try_acquire_owned();
        let room =
            room.map_err(|_| refusal(&told(Reason::Busy, "the model worker has too many calls under way")))?;
        let request_id = match std::mem::take(&mut request.request_id) {
            given if given.is_empty() => self.ids.request().to_string(),
            given => given,
        };
        let who = who(request.payer.take());
        let Wanted { model, call, prompt_bytes, most_tokens } =
            wanted(&self.catalog, request).map_err(|failure| refusal(&failure))?;
        // What does not fit into the model is not read.
        let prompt = most_tokens.min(model.info.context_tokens.into());
        let calls = model.provider.most_calls();
        let most = estimate::worst_case(&model.info.prices, prompt, call.max_tokens, calls);
        let verdict = self.money.reserve(&request_id, &who, model.info.id.name(), most).await;
        let reservation = match verdict.map_err(|failure| refusal(&of_ours(&failure)))? {
            Verdict::Reserved(reservation) => reservation,
            Verdict::Refused(why) => return Err(refusal(&refused(&why))),
            Verdict::Ended => {
                return Err(refusal(&field("request_id", "a call of this name has ended already")));
            }
        };
        let bill = Bill { request_id, api_key: who.api_key, prompt_bytes, most_micros: most };
        let mut account =
            Account::new(self.money.clone(), self.clock.clone(), reservation, model.clone(), bill);
        let opened = model.open_told(&call, deadline, &|tries| account.tries(tries)).await;
        match opened {
            Ok(opened) => Ok(Answer::new(opened.pieces, account, deadline, room)),
            Err(error) => {
                let (provider, attempts) = (model.provider.name(), error.attempts);
                tracing::warn!(provider, attempts, error = %classify::chain(&error), "a call of a model failed");
                account.fails(&error.problem);
                Err(refusal(&of_provider(&error.problem)))
            }
        }
    }
}

fn who(payer: Option<CallPayer>) -> Who {
    let payer = payer.unwrap_or_default();
    let period = match payer.budget_period() {
        BudgetPeriod::Day => Period::Day,
        BudgetPeriod::Month | BudgetPeriod::Unspecified => Period::Month,
    };
    let key_budget = payer.budget_micros.map(|micros| (period, micros.max(0)));
    Who { api_key: payer.api_key, key_budget, mode: MODE.to_owned(), ..Who::default() }
}
