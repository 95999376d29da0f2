//! Mappings that are published over gRPC, as the admin pages do it: which one a lead is delivered by, and what is refused.

mod publishing;
mod trying;

use rpc::crm::mappings_client::MappingsClient;
use rpc::crm::publish_response::Outcome;
use rpc::crm::{Mapping, Pair, PublishRequest, PublishResponse, ReadRequest, ReadResponse};
use rpc::{Bearer, Channel, InterceptedService};
use testkit::{App, INTERNAL_TOKEN};

type Client = MappingsClient<InterceptedService<Channel, Bearer>>;

/// What the pages ask a process with.
fn client(app: &App) -> Client {
    let channel = rpc::patient_channel(&app.url()).unwrap();
    MappingsClient::with_interceptor(channel, Bearer::new(&ids::Secret::new(INTERNAL_TOKEN)))
}

async fn read(client: &mut Client) -> ReadResponse {
    let request = ReadRequest { account: "sales".to_owned(), version: None };
    client.read(request).await.unwrap().into_inner()
}

/// A mapping whose deals are named so.
fn named(name: &str) -> Mapping {
    Mapping { name: name.to_owned(), ..Mapping::default() }
}

fn pair(theirs: &str, ours: &str) -> Pair {
    Pair { theirs: theirs.to_owned(), ours: ours.to_owned() }
}

fn wish(mapping: Mapping, based_on: i32) -> PublishRequest {
    PublishRequest {
        account: "sales".to_owned(),
        based_on,
        mapping: Some(mapping),
        by: "Vera".to_owned(),
        ..PublishRequest::default()
    }
}

async fn publish(client: &mut Client, request: PublishRequest) -> PublishResponse {
    client.publish(request).await.unwrap().into_inner()
}

/// Publishes, which is to work; the version that it became.
async fn published(client: &mut Client, request: PublishRequest) -> i32 {
    let response = publish(client, request).await;
    let why: Vec<&str> = response.problems.iter().map(|one| one.english.as_str()).collect();
    assert!(response.outcome() == Outcome::Published, "{why:?} {}", response.not_asked);
    response.version.unwrap().version
}
