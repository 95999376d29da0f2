//! Leads as an operator looks at them.

use ids::{Timestamp, Uuid};
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError};
use serde::Serialize;
use serde_json::Value;
use sqlx::Row;
use sqlx::postgres::PgRow;

/// A lead with the person's words. Personal data, shown to whoever works with leads.
#[derive(Clone, Debug, Serialize)]
pub struct KeptLead {
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub bot: String,
    pub flow: String,
    pub language: String,
    /// "hot", "warm" or "cold".
    pub temperature: String,
    pub score: i32,
    /// Why: `{ "rule", "points", "words" }` each.
    pub evidence: Value,
    /// What was answered: `{ "field", "value", "text", "found" }` each.
    pub answers: Value,
    /// `name`, `username`, `email`, `phone`, `telegram_user_id`.
    pub contact: Value,
    /// What the start link carried; empty where there was none.
    pub start_payload: String,
    pub captured_at: Timestamp,
}

const LEAD: &str =
    "select id, conversation_id, bot, flow, language, temperature, score, evidence, answers, contact,
    start_payload, captured_at from lead";

/// Of one bot or of all, of one temperature or of all, the newest first.
pub(crate) async fn newest(
    connection: &mut PgConnection,
    bot: Option<&str>,
    temperature: Option<&str>,
    most: i64,
) -> Result<Vec<KeptLead>, PgError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{LEAD} where ($1::text is null or bot = $1) and ($2::text is null or temperature = $2)
         order by captured_at desc, id desc limit $3"
    ));
    let rows = sqlx::query(sql).bind(bot).bind(temperature).bind(most).fetch_all(connection).await?;
    rows.iter().map(lead).collect()
}

pub(crate) async fn find(connection: &mut PgConnection, id: Uuid) -> Result<Option<KeptLead>, PgError> {
    let sql = sqlx::AssertSqlSafe(format!("{LEAD} where id = $1"));
    let row = sqlx::query(sql).bind(id).fetch_optional(connection).await?;
    row.as_ref().map(lead).transpose()
}

fn lead(row: &PgRow) -> Result<KeptLead, PgError> {
    let captured_at: At = row.try_get(11)?;
    Ok(KeptLead {
        id: row.try_get(0)?,
        conversation_id: row.try_get(1)?,
        bot: row.try_get(2)?,
        flow: row.try_get(3)?,
        language: row.try_get(4)?,
        temperature: row.try_get(5)?,
        score: row.try_get(6)?,
        evidence: row.try_get(7)?,
        answers: row.try_get(8)?,
        contact: row.try_get(9)?,
        start_payload: row.try_get(10)?,
        captured_at: captured_at.to_jiff(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{change, database};

    #[tokio::test]
    async fn leads_are_read_with_the_persons_words_the_newest_first() {
        let (_database, pool) = database().await;
        let mut tx = pool.begin().await.unwrap();
        change(
            &mut tx,
            "insert into lead (id, conversation_id, bot, flow, language, temperature, score, evidence, answers, contact,
                               captured_at)
             select ('00000000-0000-0000-0000-00000000000' || n)::uuid, gen_random_uuid(),
                    case when n = 3 then 'desk' else 'sales' end, 'intake', 'en', case when n = 2 then 'hot' else 'cold' end,
                    n * 10, '[{\"rule\": \"budget: named\", \"points\": 10, \"words\": \"$5k\"}]',
                    '[{\"field\": \"budget\", \"value\": \"5000 USD\", \"text\": \"$5k\", \"found\": false}]',
                    '{\"email\": \"anna@example.com\"}', to_timestamp(n)
             from generate_series(1, 3) n",
        )
        .await;
        let scores = |leads: Vec<KeptLead>| leads.iter().map(|lead| lead.score).collect::<Vec<_>>();
        assert_eq!(scores(newest(&mut tx, None, None, 2).await.unwrap()), [30, 20]);
        assert_eq!(scores(newest(&mut tx, Some("sales"), None, 9).await.unwrap()), [20, 10]);
        assert_eq!(scores(newest(&mut tx, None, Some("hot"), 9).await.unwrap()), [20]);
        let found = find(&mut tx, Uuid::from_u128(2)).await.unwrap().unwrap();
        assert_eq!(found.contact["email"], "anna@example.com");
        assert_eq!(found.answers[0]["text"], "$5k");
        assert_eq!(found.evidence[0]["points"], 10);
        assert!(find(&mut tx, Uuid::from_u128(9)).await.unwrap().is_none());
    }
}
