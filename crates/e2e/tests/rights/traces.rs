//! Looks for what leads to a person: in every column of every table of every schema, and in every stream.

use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use futures::StreamExt;
use sqlx::{AssertSqlSafe, Row};
use testkit::Stage;

use crate::world::SCHEMAS;

/// Where one of these words stands: `schema.table.column: row`.
pub(crate) async fn in_tables(stage: &Stage, words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for (role, schema) in SCHEMAS {
        let pool = stage.pool(role);
        let columns = sqlx::query(
            "select table_name::text, column_name::text, data_type::text from information_schema.columns
             where table_schema = $1 order by 1, 2",
        )
        .bind(schema)
        .fetch_all(pool)
        .await
        .unwrap();
        assert!(columns.len() > 20, "{schema} is looked through");
        for column in columns {
            let (table, column, kind): (String, String, String) =
                (column.get(0), column.get(1), column.get(2));
            // Binary columns hold events and jobs, as text where that matters.
            let text = match kind.as_str() {
                "bytea" => format!("encode({column}, 'escape')"),
                _ => format!("\"{column}\"::text"),
            };
            for word in words {
                let sql =
                    format!("select {text} from {schema}.\"{table}\" where {text} ilike '%{word}%' limit 3");
                let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
                found.extend(rows.iter().map(|row| format!("{schema}.{table}.{column}: {row} ({word})")));
            }
        }
    }
    found
}

/// The subjects of events that hold one of these words, or are about them.
pub(crate) async fn in_streams(stage: &Stage, words: &[String]) -> Vec<String> {
    let (user, password) = stage.bus_login();
    let address = stage.bus_url().rsplit_once('@').map_or(stage.bus_url(), |(_, host)| host);
    let options = async_nats::ConnectOptions::new().user_and_password(user, password);
    let jetstream = async_nats::jetstream::new(options.connect(address).await.unwrap());
    let mut found = Vec::new();
    for name in ["EV_GATEWAY", "EV_BOT", "EV_LLM", "EV_CRM", "EV_ANALYTICS"] {
        let mut stream = jetstream.get_stream(name).await.unwrap();
        let mut left = stream.info().await.unwrap().state.messages;
        let config = pull::OrderedConfig { deliver_policy: DeliverPolicy::All, ..Default::default() };
        let mut messages = stream.create_consumer(config).await.unwrap().messages().await.unwrap();
        while left > 0 {
            let message = messages.next().await.unwrap().unwrap();
            left = message.info().unwrap().pending;
            let payload = String::from_utf8_lossy(&message.payload).to_lowercase();
            let about = message.subject.to_lowercase();
            if words.iter().any(|word| payload.contains(&word.to_lowercase()) || about.contains(word)) {
                found.push(message.subject.to_string());
            }
        }
    }
    found
}
