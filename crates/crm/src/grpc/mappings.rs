use async_trait::async_trait;
use classify::Failure;
use rpc::crm;
use rpc::crm::publish_response::Outcome as Word;
use service_kit::Problem;
use tonic::{Request, Response, Status};

use super::wire;
use crate::mappings::{Desk, Draft, Outcome};

/// `Mappings`: what the admin pages ask for.
pub(crate) struct Mappings {
    pub(crate) desk: Desk,
}

type Answer<T> = Result<Response<T>, Status>;

/// By value, as `map_err` hands it.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` takes")]
fn failed(failure: Failure) -> Status {
    Problem::of(&failure).into()
}

#[async_trait]
impl crm::mappings_server::Mappings for Mappings {
    async fn accounts(&self, _: Request<crm::AccountsRequest>) -> Answer<crm::AccountsResponse> {
        let cards = self.desk.accounts().await.map_err(failed)?;
        Ok(Response::new(crm::AccountsResponse { accounts: cards.into_iter().map(wire::account).collect() }))
    }

    async fn read(&self, request: Request<crm::ReadRequest>) -> Answer<crm::ReadResponse> {
        let crm::ReadRequest { account, version } = request.into_inner();
        let read = self.desk.read(&account, version).await.map_err(failed)?;
        Ok(Response::new(wire::read(read)))
    }

    async fn check(&self, request: Request<crm::CheckRequest>) -> Answer<crm::CheckResponse> {
        let crm::CheckRequest { account, mapping } = request.into_inner();
        let (config, doubled) = wire::config(mapping.unwrap_or_default());
        if !doubled.is_empty() {
            return Ok(Response::new(crm::CheckResponse { problems: doubled, not_asked: String::new() }));
        }
        let (problems, not_asked) = self.desk.check(&account, &config).await.map_err(failed)?;
        Ok(Response::new(crm::CheckResponse {
            problems: problems.iter().map(wire::problem).collect(),
            not_asked: not_asked.unwrap_or_default(),
        }))
    }

    async fn dry_run(&self, request: Request<crm::DryRunRequest>) -> Answer<crm::DryRunResponse> {
        let crm::DryRunRequest { account, mapping, lead_id } = request.into_inner();
        let (config, doubled) = wire::config(mapping.unwrap_or_default());
        let mut response = crm::DryRunResponse { problems: doubled, ..crm::DryRunResponse::default() };
        if !response.problems.is_empty() {
            return Ok(Response::new(response));
        }
        let run = self.desk.dry_run(&account, &config, lead_id.trim()).await.map_err(failed)?;
        response.problems = run.problems.iter().map(wire::problem).collect();
        (response.payload, response.not_shown) = (run.payload, run.not_shown);
        Ok(Response::new(response))
    }

    async fn publish(&self, request: Request<crm::PublishRequest>) -> Answer<crm::PublishResponse> {
        let request = request.into_inner();
        let draft = match request.again {
            Some(version) => Draft::Again(version),
            None => {
                let (config, doubled) = wire::config(request.mapping.unwrap_or_default());
                if !doubled.is_empty() {
                    return Ok(Response::new(wire::refused(doubled)));
                }
                Draft::New(config)
            }
        };
        let published =
            self.desk.publish(&request.account, draft, request.based_on, &request.by, request.unchecked);
        let mut response = crm::PublishResponse::default();
        match published.await.map_err(failed)? {
            Outcome::Published(published) => {
                response.set_outcome(Word::Published);
                response.version = Some(wire::version(published.version, Some(&published)));
            }
            Outcome::Conflict(version, published) => {
                response.set_outcome(Word::Conflict);
                response.version = Some(wire::version(version, published.as_ref()));
            }
            Outcome::Problems { problems, can_be_published } => {
                response = wire::refused(problems.iter().map(wire::problem).collect());
                response.can_be_published = can_be_published;
            }
            Outcome::NotAsked(why) => {
                response.set_outcome(Word::NotAsked);
                response.not_asked = why;
                response.can_be_published = true;
            }
        }
        Ok(Response::new(response))
    }

    async fn history(&self, request: Request<crm::HistoryRequest>) -> Answer<crm::HistoryResponse> {
        let history = self.desk.history(&request.into_inner().account).await.map_err(failed)?;
        let mut versions: Vec<crm::Version> =
            history.iter().map(|one| wire::version(one.version, Some(one))).collect();
        versions.push(wire::version(0, None));
        Ok(Response::new(crm::HistoryResponse { versions }))
    }
}
