//! What the CRM service answers, one service a file.

mod mappings;
mod wire;

use std::sync::Arc;

use pg::Pool;
use rpc::crm::mappings_server::MappingsServer;
use tonic::service::Routes;

use crate::accounts::Accounts;
use crate::mappings::Desk;
use mappings::Mappings;

pub(crate) fn routes(accounts: Arc<Accounts>, pool: Pool) -> Routes {
    Routes::new(MappingsServer::new(Mappings { desk: Desk::new(accounts, pool) }))
}
