//! The CRM service, asked by gRPC.

use std::time::Duration;

use ids::{Secret, TraceParent};
use rpc::crm::mappings_client::MappingsClient;
use rpc::crm::{
    Account, AccountsRequest, CheckRequest, CheckResponse, DryRunRequest, DryRunResponse, HistoryRequest,
    Mapping, PublishRequest, PublishResponse, ReadRequest, ReadResponse, Version,
};
use rpc::{Bearer, Channel, InterceptedService, Status, traced};

/// The CRM itself may take a while, and our service tells of it after twelve seconds.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of an answer: what an account has, with all its names.
const LARGEST: usize = 16 << 20;

/// The client; connects when first used and again when it must.
#[derive(Clone)]
pub(crate) struct Mappings(MappingsClient<InterceptedService<Channel, Bearer>>);

impl Mappings {
    /// `None` where the address is none.
    pub(crate) fn new(url: &str, token: &Secret) -> Option<Self> {
        let client = MappingsClient::with_interceptor(rpc::patient_channel(url)?, Bearer::new(token));
        Some(Self(client.max_decoding_message_size(LARGEST)))
    }

    pub(super) async fn accounts(&self, trace: TraceParent) -> Result<Vec<Account>, Status> {
        let mut client = self.0.clone();
        Ok(in_time(client.accounts(traced(AccountsRequest {}, trace))).await?.accounts)
    }

    /// An account with the mapping in force, or with this version of it.
    pub(super) async fn read(
        &self,
        trace: TraceParent,
        account: &str,
        version: Option<i32>,
    ) -> Result<ReadResponse, Status> {
        let request = ReadRequest { account: account.to_owned(), version };
        in_time(self.0.clone().read(traced(request, trace))).await
    }

    pub(super) async fn check(
        &self,
        trace: TraceParent,
        account: &str,
        mapping: Mapping,
    ) -> Result<CheckResponse, Status> {
        let request = CheckRequest { account: account.to_owned(), mapping: Some(mapping) };
        in_time(self.0.clone().check(traced(request, trace))).await
    }

    pub(super) async fn dry_run(
        &self,
        trace: TraceParent,
        account: &str,
        mapping: Mapping,
        lead_id: String,
    ) -> Result<DryRunResponse, Status> {
        let request = DryRunRequest { account: account.to_owned(), mapping: Some(mapping), lead_id };
        in_time(self.0.clone().dry_run(traced(request, trace))).await
    }

    pub(super) async fn publish(
        &self,
        trace: TraceParent,
        request: PublishRequest,
    ) -> Result<PublishResponse, Status> {
        in_time(self.0.clone().publish(traced(request, trace))).await
    }

    pub(super) async fn history(&self, trace: TraceParent, account: &str) -> Result<Vec<Version>, Status> {
        let request = HistoryRequest { account: account.to_owned() };
        Ok(in_time(self.0.clone().history(traced(request, trace))).await?.versions)
    }
}

async fn in_time<T>(call: impl Future<Output = Result<rpc::Response<T>, Status>>) -> Result<T, Status> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(answer) => Ok(answer?.into_inner()),
        Err(_) => Err(Status::deadline_exceeded("the CRM service took too long")),
    }
}
