//! `dragoman crm endpoints` and `dragoman crm enable`.

use anyhow::Result;
use crm::{CrmConfig, EndpointDesk, EndpointState, ListedEndpoint};

use super::{print, said};
use crate::cli::Source;
use crate::{environment, roles};

async fn desk(source: &Source) -> Result<EndpointDesk> {
    let settings = environment::settings(source.config.as_deref())?;
    let config: CrmConfig = settings.section("crm")?;
    let pool = service_kit::pool(roles::one("crm")?, &settings).await?;
    EndpointDesk::new(&config, pool).map_err(said)
}

pub(super) async fn list(source: &Source, json: bool) -> Result<()> {
    let listed = desk(source).await?.list().await.map_err(said)?;
    if listed.is_empty() && !json {
        return print("no endpoint is configured; see [[crm.endpoints]] in docs/CONFIGURATION.md");
    }
    listed.iter().try_for_each(|one| {
        let told = if json { serde_json::to_string(one)? } else { text(one) };
        print(&told)
    })
}

pub(super) async fn enable(source: &Source, name: &str) -> Result<()> {
    let driven = desk(source).await?.enable(name).await.map_err(said)?;
    print(&match driven {
        Some(driven) => format!("{name} is called again; {driven} that were given up are delivered again"),
        None => format!(
            "{name} is not disabled; what was given up is delivered by: dragoman crm redrive {name} --since 24h"
        ),
    })
}

fn text(one: &ListedEndpoint) -> String {
    let state = match one.state {
        EndpointState::Ok => "ok",
        EndpointState::Failing => "failing",
        EndpointState::Gone => "GONE",
        EndpointState::Disabled => "DISABLED",
    };
    let mut lines = format!("{state:9} {}: {} wait, {} given up", one.name, one.waiting, one.given_up);
    if let Some(since) = one.failing_since {
        lines.push_str(&format!("\n          every attempt has failed since {since:.0}"));
    }
    if let (Some(error), Some(at)) = (&one.last_error, one.last_error_at) {
        lines.push_str(&format!("\n          last error, {at:.0}: {error}"));
    }
    if matches!(one.state, EndpointState::Gone | EndpointState::Disabled) {
        lines.push_str(&format!(
            "\n          it is not called any more; mend it, then: dragoman crm enable {}",
            one.name
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use ids::Timestamp;

    #[test]
    fn an_endpoint_that_is_disabled_says_since_when_why_and_what_to_do() {
        let mut one = ListedEndpoint {
            name: "first".to_owned(),
            state: EndpointState::Ok,
            failing_since: None,
            last_error: None,
            last_error_at: None,
            waiting: 2,
            given_up: 0,
        };
        assert_eq!(text(&one), "ok        first: 2 wait, 0 given up");
        one.state = EndpointState::Disabled;
        one.failing_since = Some(Timestamp::UNIX_EPOCH);
        one.last_error = Some("first answered 500 Internal Server Error".to_owned());
        one.last_error_at = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(
            text(&one),
            "DISABLED  first: 2 wait, 0 given up
          every attempt has failed since 1970-01-01T00:00:00Z
          last error, 1970-01-01T00:00:00Z: first answered 500 Internal Server Error
          it is not called any more; mend it, then: dragoman crm enable first"
        );
    }
}
