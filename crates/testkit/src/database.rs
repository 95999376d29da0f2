//! A fresh database for one test.

use std::str::FromStr;
use std::thread;

use ids::{Ids, Secret};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::{OrPanic, servers};

/// A database that only this test uses. Dropped with its value when the test succeeds; kept, and named
/// in the output, when it fails.
#[derive(Debug)]
pub struct TestDatabase {
    /// The superuser's address of this database.
    pub url: String,
    pub name: String,
    admin: Secret,
}

impl TestDatabase {
    /// The address as the settings take it.
    #[must_use]
    pub fn secret(&self) -> Secret {
        Secret::new(self.url.clone())
    }
}

/// Creates an empty database on the run's Postgres.
pub async fn database() -> TestDatabase {
    let admin = servers().postgres_url;
    let name = format!("test_{}", Ids::system().uuid().simple());
    execute(&admin, &format!("create database {name}")).await.or_panic("create a test database");
    let (server, _) = admin.expose().rsplit_once('/').unwrap_or((admin.expose(), ""));
    TestDatabase { url: format!("{server}/{name}"), name, admin }
}

/// `sql` is made of our own words only.
async fn execute(admin: &Secret, sql: &str) -> Result<(), sqlx::Error> {
    let options = PgConnectOptions::from_str(admin.expose())?;
    let mut connection = PgConnection::connect_with(&options).await?;
    connection.execute(AssertSqlSafe(sql.to_owned())).await?;
    connection.close().await
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the database of this test is kept: {}", self.name);
            return;
        }
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // The test's own runtime may be the one that is ending, so this takes a thread and a runtime.
        let dropper = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(execute(&admin, &format!("drop database if exists {name} with (force)"))).ok()
        });
        if !matches!(dropper.join(), Ok(Some(()))) {
            eprintln!("the database of this test could not be dropped: {}", self.name);
        }
    }
}
