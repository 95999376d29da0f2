//! `/model`: a person chooses from the models that the worker lets be chosen; while there are none there is no such
//! command.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bot::Bot;
use bus::Delivery;
use events::Event;
use events::message::bot::ModelRequested;
use futures::{Stream, StreamExt};
use rpc::llm::models_server::{Models, ModelsServer};
use rpc::llm::{CompleteRequest, CompleteResponse, ListRequest, ListResponse, ModelCard};
use rpc::{Request, Response, Status};
use testkit::until;
use tonic::service::Routes;
use wiremock::MockServer;

use crate::stand::{Stand, says, telegram, told};

const CHAT: i64 = 7;

/// The worker's list.
#[derive(Clone, Default)]
struct List(Arc<Mutex<Vec<&'static str>>>);

#[async_trait]
impl Models for List {
    type CompleteStream = Pin<Box<dyn Stream<Item = Result<CompleteResponse, Status>> + Send>>;

    async fn complete(&self, _: Request<CompleteRequest>) -> Result<Response<Self::CompleteStream>, Status> {
        Err(Status::unimplemented("nobody asks for it here"))
    }

    async fn list(&self, request: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        assert!(request.into_inner().choosable);
        let card = |id: &&str| ModelCard { id: (*id).to_owned(), ..ModelCard::default() };
        let models = self.0.lock().unwrap().iter().map(card).collect();
        Ok(Response::new(ListResponse { models }))
    }
}

/// Waits until Telegram's list of commands, as it was told last, has `/model` or has it not.
async fn lists_model(telegram: &MockServer, wanted: bool) {
    until("the commands are told", async || {
        let calls = telegram.received_requests().await.unwrap();
        let last = calls.iter().rev().find(|call| call.url.path().ends_with("/setMyCommands"))?;
        let is_there = String::from_utf8_lossy(&last.body).contains("\"model\"");
        (is_there == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_chooses_a_model_and_is_answered_by_it() {
    let list = List::default();
    let stand = Stand(Routes::new(ModelsServer::new(list.clone())));
    let mut stage = testkit::stage(&[&Bot, &stand]).await;
    // The deadline of the question.
    stage.may_leave(&["job"]);
    stage.bus().ensure_stream("gateway").await.unwrap();
    stage.bus().ensure_stream("bot").await.unwrap();
    let mut asked = stage.bus().tail("bot", true).await.unwrap();
    let telegram = telegram().await;
    let config = format!(
        "[bot]\nbots_dir = {:?}\nper_chat_per_second = 0\n[telegram]\napi_base = \"{}\"\n\
         [telegram.bots.a]\ntoken = \"1:token-of-a\"\nfolder = \"dev2production\"\n",
        testkit::workspace_root().join("bots"),
        telegram.uri()
    );
    let app = stage.start(&[&Bot, &stand], &config).await;
    lists_model(&telegram, false).await;
    says(&stage, 1, CHAT, "/model").await;
    told(&telegram, CHAT, "I do not know that command").await;
    app.stop().await;

    list.0.lock().unwrap().extend(["openai/gpt-5-mini", "anthropic/claude-haiku"]);
    let app = stage.start(&[&Bot, &stand], &config).await;
    lists_model(&telegram, true).await;
    says(&stage, 2, CHAT, "/model").await;
    let offer = told(&telegram, CHAT, "Now it is: Whichever suits").await;
    assert!(!offer.contains('{'), "{offer}");
    says(&stage, 3, CHAT, "/model claude-haiku").await;
    told(&telegram, CHAT, "anthropic/claude-haiku answers you").await;
    says(&stage, 4, CHAT, "how many moons has Jupiter").await;
    let request = loop {
        let event: Delivery = asked.next().await.unwrap().unwrap();
        if event.name() == ModelRequested::NAME {
            break event.decode::<ModelRequested>().unwrap();
        }
    };
    assert_eq!((request.model.as_str(), request.context.as_str()), ("anthropic/claude-haiku", ""));
    app.stop().await;
}
