//! Passages, as they are searched.

use bot_folder::Lang;
use pg::{PgError, Pool};
use sqlx::Row;

use crate::domain::question::SourceKind;

/// The words of a question, as the index knows them.
pub(crate) struct Lexemes {
    /// Passages of the bot in the language.
    pub(crate) passages: i64,
    pub(crate) found: Vec<Lexeme>,
}

pub(crate) struct Lexeme {
    /// Which sentence of the question it stands in, from 0.
    pub(crate) sentence: usize,
    pub(crate) lexeme: String,
    /// How many passages hold it.
    pub(crate) holding: i64,
}

/// A passage that was found, in whatever way.
pub(crate) struct Found {
    pub(crate) id: i64,
    pub(crate) kind: SourceKind,
    pub(crate) title: String,
    pub(crate) heading: String,
    pub(crate) body: String,
}

/// A passage that holds at least one word of a question.
pub(crate) struct Candidate {
    pub(crate) passage: Found,
    /// Cover density: how close together it holds them.
    pub(crate) rank: f32,
    /// The question's lexemes that it holds.
    pub(crate) matched: Vec<String>,
    /// Those of them that stand in its heading or hints.
    pub(crate) headed: Vec<String>,
}

/// Passages ranked anew by their words at most; the database's own rank has chosen them.
const MOST_CANDIDATES: i64 = 60;

/// Reads `sentences` as the index reads passages of this language; counts those of these bots.
pub(crate) async fn lexemes(
    pool: &Pool,
    bots: &[String],
    language: Lang,
    sentences: &[String],
) -> Result<Lexemes, PgError> {
    let mut connection = pool.acquire().await?;
    let passages = sqlx::query_scalar("select count(*) from passage where bot = any($1) and language = $2")
        .bind(bots)
        .bind(language.as_str())
        .fetch_one(&mut *connection)
        .await?;
    let rows = sqlx::query(
        r"select (asked.nth - 1)::int4, word.lexeme,
                 (select count(*) from passage
                  where bot = any($1) and language = $2
                    and words @@ ('''' || replace(replace(word.lexeme, '\', '\\'), '''', '''''') || '''')::tsquery)
          from unnest($3::text[]) with ordinality as asked (sentence, nth),
               unnest(to_tsvector($4::text::regconfig, translate(asked.sentence, 'ёЁ/', 'еЕ '))) as word
          order by 1, word.positions[1]",
    )
    .bind(bots)
    .bind(language.as_str())
    .bind(sentences)
    .bind(configuration(language))
    .fetch_all(&mut *connection)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.push(Lexeme {
            sentence: usize::try_from(row.try_get::<i32, _>(0)?).unwrap_or(0),
            lexeme: row.try_get(1)?,
            holding: row.try_get(2)?,
        });
    }
    Ok(Lexemes { passages, found })
}

/// More passages than this are not ranked for one question, whichever they are.
const MOST_RANKED: i64 = 2_000;

/// The passages that hold any of `wanted`, best rank first; which of `lexemes` they hold.
pub(crate) async fn candidates(
    pool: &Pool,
    bots: &[String],
    language: Lang,
    wanted: &[String],
    lexemes: &[String],
) -> Result<Vec<Candidate>, PgError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let any = wanted.iter().map(|lexeme| quoted(lexeme)).collect::<Vec<_>>().join(" | ");
    let rows = sqlx::query(
        "with best as (
             select id, ts_rank_cd(words, $3::text::tsquery) as rank
             from (select id, words from passage
                   where bot = any($1) and language = $2 and words @@ $3::text::tsquery limit $6) holding
             order by rank desc, id limit $5)
         select passage.id, document.kind, document.title, passage.heading, passage.body, best.rank,
                array(select unnest(tsvector_to_array(passage.words)) intersect select unnest($4::text[])),
                array(select unnest(tsvector_to_array(ts_filter(passage.words, '{a}')))
                      intersect select unnest($4::text[]))
         from best join passage on passage.id = best.id join document on document.id = passage.document_id
         order by best.rank desc, passage.id",
    )
    .bind(bots)
    .bind(language.as_str())
    .bind(any)
    .bind(lexemes)
    .bind(MOST_CANDIDATES)
    .bind(MOST_RANKED)
    .fetch_all(pool)
    .await?;
    let mut candidates = Vec::with_capacity(rows.len());
    for row in rows {
        candidates.push(Candidate {
            passage: Found {
                id: row.try_get(0)?,
                kind: kind(row.try_get(1)?),
                title: row.try_get(2)?,
                heading: row.try_get(3)?,
                body: row.try_get(4)?,
            },
            rank: row.try_get(5)?,
            matched: row.try_get(6)?,
            headed: row.try_get(7)?,
        });
    }
    Ok(candidates)
}

/// What a document is, by its word in the database.
pub(super) fn kind(word: &str) -> SourceKind {
    if word == SourceKind::Faq.as_str() { SourceKind::Faq } else { SourceKind::Knowledge }
}

/// The text-search configuration of a language: the one the generated column takes.
fn configuration(language: Lang) -> &'static str {
    match language {
        Lang::RU => "russian",
        Lang::EN => "english",
        _ => "simple",
    }
}

/// A lexeme as a tsquery takes it, whatever stands in it.
fn quoted(lexeme: &str) -> String {
    format!("'{}'", lexeme.replace('\\', r"\\").replace('\'', "''"))
}
