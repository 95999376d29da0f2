//! The outgoing webhook: what the portal tells of a change. Only that there was one; whoever is told fetches it.

use std::sync::Arc;
use std::time::Duration;

use super::item::Kind;
use super::server::Server;
use super::state::State;
use crate::post::{FORM, encoded, post};

/// Whoever has not answered by then has not been told.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a change is told, and in what words. Nothing where nobody wants to know.
pub(super) fn of_change(state: &State, kind: Kind, id: i64) -> Option<(String, String)> {
    let to = state.told.clone()?;
    let pairs = [
        ("event", format!("ONCRM{}UPDATE", kind.word().to_uppercase())),
        ("event_handler_id", "709".to_owned()),
        ("data[FIELDS][ID]", id.to_string()),
        ("ts", state.now().as_second().to_string()),
        ("auth[domain]", "acme.bitrix24.ru".to_owned()),
        ("auth[client_endpoint]", "https://acme.bitrix24.ru/rest/".to_owned()),
        ("auth[server_endpoint]", "https://oauth.bitrix.info/rest/".to_owned()),
        ("auth[member_id]", "a223c6b3710f85df22e9377d6c4f7553".to_owned()),
        ("auth[application_token]", state.options.application_token.clone()),
    ];
    let line = |(key, value): &(&str, String)| format!("{}={}", encoded(key), encoded(value));
    Some((to, pairs.iter().map(line).collect::<Vec<_>>().join("&")))
}

/// Tells it; the status that came back in time.
pub(super) async fn told(to: &str, form: &str) -> Option<u16> {
    post(to, None, FORM, form, PATIENCE).await
}

/// Tells what calls have changed, behind their answers.
pub(super) fn tell(server: &Arc<Server>) {
    let state = &mut *server.state();
    for (kind, id) in std::mem::take(&mut state.changes) {
        if let Some((to, form)) = of_change(state, kind, id) {
            tokio::spawn(async move { told(&to, &form).await });
        }
    }
}
