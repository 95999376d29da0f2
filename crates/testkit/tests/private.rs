//! A private server can be killed, frozen and started again on the same address.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor};

#[tokio::test]
async fn a_killed_postgres_comes_back_with_what_was_committed() {
    let mut server = testkit::postgres_server().await;
    let options = PgConnectOptions::from_str(server.url().expose()).unwrap();
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    connection.execute("create table t as select 1").await.unwrap();
    server.kill();
    assert!(PgConnection::connect_with(&options).await.is_err());
    server.start().await;
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    connection.execute("select * from t").await.unwrap();
}

#[tokio::test]
async fn a_frozen_nats_answers_again_after_resuming() {
    let mut server = testkit::nats_server().await;
    let address = server.url().expose().rsplit_once('@').unwrap().1.to_owned();
    let ask = |within| local_servers::nats_info(&address, within);
    ask(Duration::from_secs(5)).unwrap();
    server.pause();
    assert!(ask(Duration::from_millis(50)).is_err());
    server.resume();
    ask(Duration::from_secs(5)).unwrap();
    server.kill();
    assert!(ask(Duration::from_millis(50)).is_err());
    server.start().await;
    ask(Duration::from_secs(5)).unwrap();
}
