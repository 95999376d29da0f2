//! What answers have cost, out of the ledger.

use ids::Timestamp;
use jiff_sqlx::ToSqlx;
use pg::{PgError, Pool};
use serde::Serialize;
use sqlx::{AssertSqlSafe, Row};

/// A report has no more lines.
const MOST: i64 = 1_000;

/// What costs are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Model,
    Provider,
    Bot,
    /// By pseudonym.
    Person,
    /// By the API key's id.
    Key,
    Mode,
    Prompt,
    Conversation,
    Lead,
    /// Days of the settings' time zone.
    Day,
}

impl By {
    /// Each with its word.
    pub const ALL: [(&str, Self); 10] = [
        ("model", Self::Model),
        ("provider", Self::Provider),
        ("bot", Self::Bot),
        ("person", Self::Person),
        ("key", Self::Key),
        ("mode", Self::Mode),
        ("prompt", Self::Prompt),
        ("conversation", Self::Conversation),
        ("lead", Self::Lead),
        ("day", Self::Day),
    ];

    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == word).map(|(_, by)| by)
    }

    const fn column(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Provider => "provider",
            Self::Bot => "bot",
            Self::Person => "person",
            Self::Key => "api_key",
            Self::Mode => "mode",
            Self::Prompt => "prompt",
            Self::Conversation => "conversation_id",
            Self::Lead => "lead_id",
            Self::Day => "to_char(ended_at at time zone $3, 'YYYY-MM-DD')",
        }
    }
}

/// What some questions came to. Money is in millionths of a US dollar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CostLine {
    /// Empty where it is not known.
    pub name: String,
    pub questions: i64,
    /// Calls that ended no question: their worker died, or nobody waited any more.
    pub unended: i64,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    pub cost_micros: i64,
    /// Of that, what is an estimate: the provider did not say.
    pub estimated_micros: i64,
}

impl CostLine {
    pub(crate) fn add(&mut self, other: &Self) {
        self.questions += other.questions;
        self.unended += other.unended;
        self.prompt_tokens += other.prompt_tokens;
        self.completion_tokens += other.completion_tokens;
        self.cost_micros += other.cost_micros;
        self.estimated_micros += other.estimated_micros;
    }
}

/// What `[from, to)` has cost, the dearest first; in one line where it is not told apart.
pub(crate) async fn of(
    pool: &Pool,
    (from, to): (Timestamp, Timestamp),
    by: Option<By>,
    zone: &str,
) -> Result<Vec<CostLine>, PgError> {
    // Made of our own words only.
    let name = by.map_or("''", By::column);
    let sql = format!(
        "select {name} as name, count(*) filter (where of_request is null),
                count(*) filter (where outcome in ('lost', 'cancelled')), coalesce(sum(prompt_tokens), 0)::bigint,
                coalesce(sum(completion_tokens), 0)::bigint, coalesce(sum(cost_micros), 0)::bigint as cost,
                coalesce(sum(cost_micros) filter (where not usage_reported), 0)::bigint
         from ledger where ended_at >= $1 and ended_at < $2 and $3 <> ''
         group by 1 order by cost desc, 2 desc, 1 limit {MOST}"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(from.to_sqlx())
        .bind(to.to_sqlx())
        .bind(zone)
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(CostLine {
                name: row.try_get(0)?,
                questions: row.try_get(1)?,
                unended: row.try_get(2)?,
                prompt_tokens: row.try_get(3)?,
                completion_tokens: row.try_get(4)?,
                cost_micros: row.try_get(5)?,
                estimated_micros: row.try_get(6)?,
            })
        })
        .collect()
}
