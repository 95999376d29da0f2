//! A test's database is there for the test and gone after it.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor, Row};

async fn connect(url: &str) -> Result<PgConnection, sqlx::Error> {
    PgConnection::connect_with(&PgConnectOptions::from_str(url)?).await
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own_that_ends_with_it() {
    let one = testkit::database().await;
    let other = testkit::database().await;
    assert_ne!(one.name, other.name);
    let mut connection = connect(&one.url).await.unwrap();
    connection.execute("create extension vector; create table t (v vector(3))").await.unwrap();
    let row = connection.fetch_one("select current_database()").await.unwrap();
    assert_eq!(row.get::<String, _>(0), one.name);

    let url = one.url.clone();
    drop(one);
    assert!(connect(&url).await.is_err(), "the database is still there");
    assert!(connect(&other.url).await.is_ok());
}
