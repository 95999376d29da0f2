use std::collections::BTreeMap;

use bot_folder::Files;
use ids::Timestamp;
use jiff_sqlx::ToSqlx;
use pg::{PgConnection, PgError};
use sqlx::Row;

/// The digits of a version's hash that conversations and people name it by.
pub(crate) const SHORT: usize = 12;

/// Files as they are kept: a checked folder is all UTF-8.
pub(crate) type Texts = BTreeMap<String, String>;

/// A version as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// From 1.
    pub number: i32,
    /// SHA-256 in hexadecimal.
    pub hash: String,
    pub known_at: Timestamp,
}

/// One time that somebody said which version is to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// `None`: the folder on the machine.
    pub hash: Option<String>,
    /// "publish", "rollback" or "follow".
    pub action: String,
    pub by: String,
    pub note: String,
    pub at: Timestamp,
}

/// Keeps a version, if it is not there yet; returns its number.
pub(crate) async fn keep(
    tx: &mut PgConnection,
    folder: &str,
    hash: &str,
    files: &Texts,
    at: Timestamp,
) -> Result<i32, PgError> {
    // Two that keep one at once would draw the same number.
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('versions of bot ' || $1, 0))")
        .bind(folder)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into bot_version (folder, hash, number, files, known_at)
         select $1, $2, coalesce(max(number), 0) + 1, $3::json, $4 from bot_version where folder = $1
         on conflict (folder, hash) do nothing",
    )
    .bind(folder)
    .bind(hash)
    .bind(serde_json::to_string(files).unwrap_or_else(|_| "{}".to_owned()))
    .bind(at.to_sqlx())
    .execute(&mut *tx)
    .await?;
    let number = sqlx::query_scalar("select number from bot_version where folder = $1 and hash = $2")
        .bind(folder)
        .bind(hash)
        .fetch_one(tx)
        .await?;
    Ok(number)
}

/// Says which version is served from now on.
pub(crate) async fn publish(
    tx: &mut PgConnection,
    folder: &str,
    publication: &Publication,
) -> Result<(), PgError> {
    sqlx::query(
        "insert into bot_publication (folder, hash, action, by_whom, note, at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(folder)
    .bind(&publication.hash)
    .bind(&publication.action)
    .bind(&publication.by)
    .bind(&publication.note)
    .bind(publication.at.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

/// The hash of the version that is published; `None` where the folder on the machine is served.
pub(crate) async fn published(tx: &mut PgConnection, folder: &str) -> Result<Option<String>, PgError> {
    let hash: Option<Option<String>> =
        sqlx::query_scalar("select hash from bot_publication where folder = $1 order by id desc limit 1")
            .bind(folder)
            .fetch_optional(tx)
            .await?;
    Ok(hash.flatten())
}

/// The files of the version whose hash begins so.
pub(crate) async fn files(
    tx: &mut PgConnection,
    folder: &str,
    hash_begins: &str,
) -> Result<Option<Files>, PgError> {
    let text: Option<String> = sqlx::query_scalar(
        "select files::text from bot_version where folder = $1 and starts_with(hash, $2) order by number limit 1",
    )
    .bind(folder)
    .bind(hash_begins)
    .fetch_optional(tx)
    .await?;
    let texts: Option<Texts> = text.and_then(|text| serde_json::from_str(&text).ok());
    Ok(texts.map(|texts| texts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()))
}

/// All versions of a folder, newest first.
pub(crate) async fn list(tx: &mut PgConnection, folder: &str) -> Result<Vec<Version>, PgError> {
    let rows =
        sqlx::query("select number, hash, known_at from bot_version where folder = $1 order by number desc")
            .bind(folder)
            .fetch_all(tx)
            .await?;
    rows.iter()
        .map(|row| {
            let known_at: jiff_sqlx::Timestamp = row.try_get(2)?;
            Ok(Version { number: row.try_get(0)?, hash: row.try_get(1)?, known_at: known_at.to_jiff() })
        })
        .collect()
}

/// What was said of a folder, newest first.
pub(crate) async fn publications(tx: &mut PgConnection, folder: &str) -> Result<Vec<Publication>, PgError> {
    let rows = sqlx::query(
        "select hash, action, by_whom, note, at from bot_publication where folder = $1 order by id desc",
    )
    .bind(folder)
    .fetch_all(tx)
    .await?;
    rows.iter()
        .map(|row| {
            let at: jiff_sqlx::Timestamp = row.try_get(4)?;
            Ok(Publication {
                hash: row.try_get(0)?,
                action: row.try_get(1)?,
                by: row.try_get(2)?,
                note: row.try_get(3)?,
                at: at.to_jiff(),
            })
        })
        .collect()
}

/// The folders of which anything is known.
pub(crate) async fn folders(tx: &mut PgConnection) -> Result<Vec<String>, PgError> {
    Ok(sqlx::query_scalar("select distinct folder from bot_version order by folder").fetch_all(tx).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::database;

    #[tokio::test]
    async fn a_version_is_kept_once_is_found_by_its_first_digits_and_can_not_be_changed() {
        let (_database, pool) = database().await;
        let mut tx = pool.begin().await.unwrap();
        let texts = |text: &str| Texts::from([("bot.yml".to_owned(), text.to_owned())]);
        let at = Timestamp::UNIX_EPOCH;
        assert_eq!(keep(&mut tx, "sales", "aaaa1111", &texts("a\u{0}"), at).await.unwrap(), 1);
        assert_eq!(keep(&mut tx, "sales", "bbbb2222", &texts("b"), at).await.unwrap(), 2);
        assert_eq!(keep(&mut tx, "sales", "aaaa1111", &texts("other"), at).await.unwrap(), 1);
        assert_eq!(keep(&mut tx, "desk", "aaaa1111", &texts("d"), at).await.unwrap(), 1);
        let found = files(&mut tx, "sales", "aaaa").await.unwrap().unwrap();
        assert_eq!(found, [("bot.yml".to_owned(), b"a\0".to_vec())]);
        assert_eq!(files(&mut tx, "sales", "cc").await.unwrap(), None);
        assert_eq!(list(&mut tx, "sales").await.unwrap().len(), 2);
        assert_eq!(folders(&mut tx).await.unwrap(), ["desk", "sales"]);
        let changed = sqlx::query("update bot_version set files = '{}'").execute(&mut *tx).await;
        assert!(changed.unwrap_err().to_string().contains("never changed"));
    }

    #[tokio::test]
    async fn the_newest_publication_counts() {
        let (_database, pool) = database().await;
        let mut tx = pool.begin().await.unwrap();
        let at = Timestamp::UNIX_EPOCH;
        keep(&mut tx, "sales", "aaaa1111", &Texts::new(), at).await.unwrap();
        assert_eq!(published(&mut tx, "sales").await.unwrap(), None);
        let say = |hash: Option<&str>, action: &str| Publication {
            hash: hash.map(str::to_owned),
            action: action.to_owned(),
            by: "ops".to_owned(),
            note: String::new(),
            at,
        };
        publish(&mut tx, "sales", &say(Some("aaaa1111"), "publish")).await.unwrap();
        assert_eq!(published(&mut tx, "sales").await.unwrap().as_deref(), Some("aaaa1111"));
        publish(&mut tx, "sales", &say(None, "follow")).await.unwrap();
        assert_eq!(published(&mut tx, "sales").await.unwrap(), None);
        let told: Vec<_> = publications(&mut tx, "sales").await.unwrap();
        assert_eq!(told, [say(None, "follow"), say(Some("aaaa1111"), "publish")]);
    }
}
