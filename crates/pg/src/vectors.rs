use std::str::FromStr;

use ids::Secret;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

use crate::PgError;

/// Whether a database can hold vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vectors {
    There,
    /// The server does not carry pgvector.
    Unavailable,
    /// The server carries it and did not switch it on, most likely because this administrator is no superuser.
    Refused,
}

/// Switches pgvector on in the administrator's database where the server carries it. No service may do that itself:
/// its role owns its schema and nothing else. Everything works without it; the search by meaning does not.
///
/// # Errors
/// The database can not be reached.
pub async fn provide_vectors(admin_url: &Secret) -> Result<Vectors, PgError> {
    let mut admin = PgConnectOptions::from_str(admin_url.expose())?.connect().await?;
    let available: bool =
        sqlx::query_scalar("select exists (select from pg_available_extensions where name = 'vector')")
            .fetch_one(&mut admin)
            .await?;
    let vectors = if available {
        match sqlx::raw_sql("create extension if not exists vector with schema public")
            .execute(&mut admin)
            .await
        {
            Ok(_) => Vectors::There,
            // Two may do it at once: the other one has done it.
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Vectors::There,
            Err(sqlx::Error::Database(_)) => Vectors::Refused,
            Err(error) => return Err(error.into()),
        }
    } else {
        Vectors::Unavailable
    };
    admin.close().await?;
    Ok(vectors)
}
