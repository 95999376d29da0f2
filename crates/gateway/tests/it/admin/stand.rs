use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use pg::Migrator;
use rpc::crm::mappings_server::{Mappings, MappingsServer};
use rpc::crm::publish_response::Outcome;
use rpc::crm::*;
use rpc::{Code, Request, Response, Status};
use service_kit::{Parts, Role, RoleContext, SectionDoc, StartError};

/// What a field of the CRM is called by somebody who means us ill.
pub(crate) const HOSTILE: &str = "</option><script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

/// In place of the CRM service: one account, `sales`.
#[derive(Clone, Default)]
pub(crate) struct Stand {
    pub(crate) published: Arc<Mutex<Vec<PublishRequest>>>,
    pub(crate) dry_runs: Arc<Mutex<Vec<DryRunRequest>>>,
    /// What a publication comes to, if not to the next version.
    pub(crate) comes_to: Arc<Mutex<Option<PublishResponse>>>,
    pub(crate) problems: Arc<Mutex<Vec<Problem>>>,
    /// The CRM itself is away.
    pub(crate) away: Arc<Mutex<bool>>,
    /// The service itself refuses.
    pub(crate) refuses: Arc<Mutex<Option<Code>>>,
}

impl Stand {
    fn version(&self) -> Version {
        let published = self.published.lock().unwrap();
        let by = published.last().map(|one| one.by.clone()).unwrap_or_default();
        Version {
            version: published.len() as i32,
            published_by: by,
            published_at_ms: 1,
            ..Version::default()
        }
    }

    fn known(&self, account: &str) -> Result<(), Status> {
        if let Some(code) = *self.refuses.lock().unwrap() {
            return Err(Status::new(code, "postgres://inside"));
        }
        if account == "sales" { Ok(()) } else { Err(Status::not_found("there is no such account")) }
    }
}

fn schema() -> Schema {
    let field = |id: &str, name: &str, kind: &str| Field {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        can_be_filled: kind != "other",
        ..Field::default()
    };
    let named = |id: &str, name: &str| Named { id: id.to_owned(), name: name.to_owned() };
    Schema {
        account: format!("Acme {HOSTILE}"),
        deal_fields: vec![
            field("901", HOSTILE, "choice"),
            field("902", "Brief", "text"),
            field("903", "Sum", "other"),
        ],
        contact_fields: vec![field("954", "City", "text")],
        pipelines: vec![Pipeline {
            id: "111".to_owned(),
            name: HOSTILE.to_owned(),
            stages: vec![named("222", "New"), named("223", "Talks")],
        }],
        people: vec![named("333", HOSTILE)],
        ..Schema::default()
    }
}

#[async_trait]
impl Mappings for Stand {
    async fn accounts(&self, _: Request<AccountsRequest>) -> Result<Response<AccountsResponse>, Status> {
        self.known("sales")?;
        let sales = Account {
            name: "sales".to_owned(),
            kind: "amocrm".to_owned(),
            version: Some(self.version()),
            given_up: 2,
            troubles: vec![format!("the token is not taken {HOSTILE}")],
            ..Account::default()
        };
        Ok(Response::new(AccountsResponse { accounts: vec![sales] }))
    }

    async fn read(&self, request: Request<ReadRequest>) -> Result<Response<ReadResponse>, Status> {
        let request = request.into_inner();
        self.known(&request.account)?;
        let is_away = *self.away.lock().unwrap();
        let name =
            request.version.map_or("Deal of {name}".to_owned(), |version| format!("Of version {version}"));
        let newest = self.published.lock().unwrap().last().and_then(|one| one.mapping.clone());
        let mapping = newest.filter(|_| request.version.is_none()).unwrap_or(Mapping {
            name,
            pipeline: "111".to_owned(),
            stage: "223".to_owned(),
            fields: vec![Pair { theirs: "902".to_owned(), ours: "answers.budget".to_owned() }],
            ..Mapping::default()
        });
        let ours = |name: &str, english: &str, russian: &str| Ours {
            name: name.to_owned(),
            english: english.to_owned(),
            russian: russian.to_owned(),
        };
        Ok(Response::new(ReadResponse {
            account: request.account,
            kind: "amocrm".to_owned(),
            version: Some(self.version()),
            mapping: Some(mapping),
            schema: (!is_away).then(schema),
            no_schema: if is_away { "sales answered 503".to_owned() } else { String::new() },
            ours: vec![ours("temperature", "hot, warm or cold", "насколько горяча заявка")],
            answers: vec!["type".to_owned(), HOSTILE.to_owned()],
            leads: vec![KnownLead { id: "lead-1".to_owned(), at_ms: 1, state: "failed".to_owned() }],
        }))
    }

    async fn check(&self, request: Request<CheckRequest>) -> Result<Response<CheckResponse>, Status> {
        self.known(&request.into_inner().account)?;
        let problems = self.problems.lock().unwrap().clone();
        Ok(Response::new(CheckResponse { problems, not_asked: String::new() }))
    }

    async fn dry_run(&self, request: Request<DryRunRequest>) -> Result<Response<DryRunResponse>, Status> {
        let request = request.into_inner();
        self.known(&request.account)?;
        self.dry_runs.lock().unwrap().push(request);
        let payload = format!("{{\n  \"name\": \"{HOSTILE}\"\n}}");
        Ok(Response::new(DryRunResponse { payload, ..DryRunResponse::default() }))
    }

    async fn publish(&self, request: Request<PublishRequest>) -> Result<Response<PublishResponse>, Status> {
        let request = request.into_inner();
        self.known(&request.account)?;
        if let Some(response) = self.comes_to.lock().unwrap().take() {
            return Ok(Response::new(response));
        }
        self.published.lock().unwrap().push(request);
        let outcome = Outcome::Published.into();
        Ok(Response::new(PublishResponse {
            outcome,
            version: Some(self.version()),
            ..PublishResponse::default()
        }))
    }

    async fn history(&self, request: Request<HistoryRequest>) -> Result<Response<HistoryResponse>, Status> {
        self.known(&request.into_inner().account)?;
        let versions = vec![
            Version {
                version: 2,
                published_by: HOSTILE.to_owned(),
                published_at_ms: 1,
                ..Version::default()
            },
            Version { version: 1, published_by: "Olga".to_owned(), published_at_ms: 1, ..Version::default() },
            Version::default(),
        ];
        Ok(Response::new(HistoryResponse { versions }))
    }
}

#[async_trait]
impl Role for Stand {
    fn name(&self) -> &'static str {
        "crm"
    }

    fn schema(&self) -> &'static str {
        "crm"
    }

    fn migrator(&self) -> &'static Migrator {
        static NONE: LazyLock<Migrator> = LazyLock::new(|| Migrator::with_migrations(Vec::new()));
        &NONE
    }

    fn publishes(&self) -> Option<&'static str> {
        None
    }

    fn sections(&self) -> Vec<SectionDoc> {
        vec![SectionDoc::of::<gateway::GatewayConfig>("gateway")]
    }

    async fn build(&self, _: &RoleContext) -> Result<Parts, StartError> {
        Ok(Parts::new().grpc(tonic::service::Routes::new(MappingsServer::new(self.clone()))))
    }
}
