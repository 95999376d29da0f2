use std::fs;

use anyhow::{Context, Result};
use ids::Secret;

use super::print;
use crate::cli::Migrate;
use crate::environment;
use crate::roles::ROLES;

pub(super) async fn migrate(call: &Migrate) -> Result<()> {
    let settings = environment::settings(call.source.config.as_deref())?;
    let admin = match (&call.admin_url, &call.admin_url_file) {
        (Some(url), _) => Some(Secret::new(url.clone())),
        (None, Some(file)) => {
            let text =
                fs::read_to_string(file).with_context(|| format!("{} can not be read", file.display()))?;
            Some(Secret::new(text.trim_end()))
        }
        (None, None) => None,
    };
    if let Some(admin) = admin {
        if pg::provide_vectors(&admin).await? == pg::Vectors::Refused {
            print(
                "the server did not switch pgvector on for this administrator; to search by meaning, run `create extension vector` as a superuser",
            )?;
        }
        for role in ROLES {
            let own = service_kit::pool_settings(*role, &settings)?.url;
            pg::provision(&admin, role.schema(), &own)
                .await
                .with_context(|| format!("the schema of {} can not be prepared", role.name()))?;
        }
    }
    service_kit::migrate(ROLES, &settings).await?;
    print("every schema is up to date")
}
