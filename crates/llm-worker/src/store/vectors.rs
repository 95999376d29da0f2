//! Vectors of texts, where the database knows pgvector. A table of our own making rather than a migration, for a
//! database of one's own may not have the extension, and everything else works without.
//!
//! One table for every model and number of dimensions: `value` is a `vector` of any length, and whoever compares
//! names the space. A passage is compared with the vectors of its own bot only, all of them: exact, so that no
//! other bot's passages take up the places of an approximate index, and fast enough for tens of thousands.

use bot_folder::Lang;
use pg::{PgError, Pool};
use sqlx::{AssertSqlSafe, Row};

use super::passages::{Found, kind};

/// The nearest passages that are looked at.
const MOST_NEAREST: i64 = 40;
/// Longer ones are cut: a model reads no more, and a passage is far shorter.
const MOST_CHARS: i32 = 4_000;

/// The vectors of one model in this database.
#[derive(Clone, Debug)]
pub(crate) struct Vectors {
    pool: Pool,
    /// Where the extension is, quoted.
    schema: String,
    space: String,
}

/// A text that has no vector yet.
pub(crate) struct Missing {
    pub(crate) hash: Vec<u8>,
    pub(crate) text: String,
}

impl Vectors {
    /// `None` where the database does not know vectors.
    pub(crate) async fn open(pool: &Pool, space: String) -> Result<Option<Self>, PgError> {
        let schema: Option<String> = sqlx::query_scalar(
            "select quote_ident(nspname) from pg_extension join pg_namespace on pg_namespace.oid = extnamespace
             where extname = 'vector'",
        )
        .fetch_optional(pool)
        .await?;
        let Some(schema) = schema else { return Ok(None) };
        let mut tx = pool.begin().await?;
        // Replicas that start together take turns; "if not exists" alone does not hold then.
        sqlx::query("select pg_advisory_xact_lock(hashtext('llm embedding'))").execute(&mut *tx).await?;
        let table = format!(
            "create table if not exists embedding (
                 space     text  not null,
                 text_hash bytea not null,
                 -- Null: the model does not take this text.
                 value     {schema}.vector,
                 primary key (space, text_hash)
             )"
        );
        sqlx::raw_sql(AssertSqlSafe(table)).execute(&mut *tx).await?;
        // A text is let go of in every space.
        sqlx::raw_sql("create index if not exists embedding_hash on embedding (text_hash)")
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(Self { pool: pool.clone(), schema, space }))
    }

    /// Texts without a vector: passages, and questions that nobody could answer.
    pub(crate) async fn missing(&self, most: i64) -> Result<Vec<Missing>, PgError> {
        let rows = sqlx::query(
            "select distinct on (hash) hash, left(text, $3) from (
                 select text_hash as hash, heading || E'\\n' || body as text from passage
                 union all
                 select question_hash, question from gap_question
             ) wanted
             where not exists (select from embedding where space = $1 and embedding.text_hash = hash)
             limit $2",
        )
        .bind(&self.space)
        .bind(most)
        .bind(MOST_CHARS)
        .fetch_all(&self.pool)
        .await?;
        let missing = rows.iter().map(|row| Ok(Missing { hash: row.try_get(0)?, text: row.try_get(1)? }));
        Ok(missing.collect::<Result<_, sqlx::Error>>()?)
    }

    /// Keeps vectors; `None` is a text that the model does not take.
    pub(crate) async fn put(&self, vectors: &[(Vec<u8>, Option<Vec<f32>>)]) -> Result<(), PgError> {
        let sql = format!(
            "insert into embedding (space, text_hash, value)
             select $1, hash, value::{}.vector from unnest($2::bytea[], $3::text[]) as new (hash, value)
             on conflict do nothing",
            self.schema
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(&self.space)
            .bind(vectors.iter().map(|(hash, _)| hash.as_slice()).collect::<Vec<_>>())
            .bind(vectors.iter().map(|(_, value)| value.as_deref().map(written)).collect::<Vec<_>>())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Deletes what belongs to no text any more, and what other models have left.
    pub(crate) async fn sweep(&self) -> Result<u64, PgError> {
        let gone = sqlx::query(
            "delete from embedding
             where space <> $1
                or not exists (select from passage where passage.text_hash = embedding.text_hash)
               and not exists (select from gap_question where question_hash = embedding.text_hash)",
        )
        .bind(&self.space)
        .execute(&self.pool)
        .await?;
        Ok(gone.rows_affected())
    }

    #[cfg(test)]
    pub(crate) async fn count(&self) -> Result<i64, PgError> {
        Ok(sqlx::query_scalar("select count(*) from embedding").fetch_one(&self.pool).await?)
    }

    /// The passages of these bots, in this language, that are nearest to `asked`, with their cosines.
    pub(crate) async fn nearest(
        &self,
        bots: &[String],
        language: Lang,
        asked: &[f32],
    ) -> Result<Vec<(Found, f32)>, PgError> {
        let schema = &self.schema;
        let sql = format!(
            "select near.id, document.kind, document.title, near.heading, near.body, (1 - near.far)::real
             from (select passage.id, passage.document_id, passage.heading, passage.body,
                          embedding.value operator({schema}.<=>) $4::text::{schema}.vector as far
                   from passage join embedding on embedding.text_hash = passage.text_hash and embedding.space = $1
                   where passage.bot = any($2) and passage.language = $3 and embedding.value is not null
                   order by far, passage.id limit $5) near
             join document on document.id = near.document_id
             order by near.far, near.id"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(&self.space)
            .bind(bots)
            .bind(language.as_str())
            .bind(written(asked))
            .bind(MOST_NEAREST)
            .fetch_all(&self.pool)
            .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let passage = Found {
                id: row.try_get(0)?,
                kind: kind(row.try_get(1)?),
                title: row.try_get(2)?,
                heading: row.try_get(3)?,
                body: row.try_get(4)?,
            };
            found.push((passage, row.try_get(5)?));
        }
        Ok(found)
    }

    /// The vectors of these texts, as far as they are there.
    pub(crate) async fn of(&self, hashes: &[Vec<u8>]) -> Result<Vec<(Vec<u8>, Vec<f32>)>, PgError> {
        let rows = sqlx::query(
            "select text_hash, value::real[] from embedding
             where space = $1 and text_hash = any($2) and value is not null",
        )
        .bind(&self.space)
        .bind(hashes)
        .fetch_all(&self.pool)
        .await?;
        let vectors = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        Ok(vectors.collect::<Result<_, sqlx::Error>>()?)
    }
}

/// A vector as pgvector reads it.
fn written(vector: &[f32]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(vector.len() * 12);
    text.push('[');
    for (at, number) in vector.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{number}");
    }
    text.push(']');
    text
}
