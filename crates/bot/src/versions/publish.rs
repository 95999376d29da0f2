//! What an operator does with versions. Each is one transaction; the services see it within seconds.

use bot_folder::{BotFolder, Files, FolderErrors};
use ids::Timestamp;
use pg::{PgConnection, PgError, Pool};

use crate::store::version::{self, Publication, Texts, Version};

/// A version that is served from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub number: i32,
    pub hash: String,
    /// It was served before already; nothing was changed.
    pub unchanged: bool,
}

/// Why nothing was published. For a person.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    #[error("bot {folder} has no version {number}; see dragoman bot list {folder}")]
    NoSuchVersion { folder: String, number: i32 },
    #[error("bot {folder} has nothing to go back to: no other version was published before")]
    NothingBefore { folder: String },
    #[error("version {number} of bot {folder} is not understood by this program any more:\n{faults}")]
    NotUnderstood { folder: String, number: i32, faults: FolderErrors },
    #[error(transparent)]
    Database(#[from] PgError),
}

/// Makes a checked folder the version that is served.
///
/// # Errors
/// What the database refuses; nothing is changed then.
pub async fn publish(
    pool: &Pool,
    bot: &BotFolder,
    files: &Files,
    by: &str,
    note: &str,
    at: Timestamp,
) -> Result<Published, NotPublished> {
    let (folder, hash) = (bot.name(), bot.content_hash().to_owned());
    let mut tx = pool.begin().await.map_err(PgError::from)?;
    let number = version::keep(&mut tx, folder, &hash, &texts(files), at).await?;
    let unchanged = version::published(&mut tx, folder).await?.as_deref() == Some(hash.as_str());
    if !unchanged {
        let (by, note) = (by.to_owned(), note.to_owned());
        let said = Publication { hash: Some(hash.clone()), action: "publish".to_owned(), by, note, at };
        version::publish(&mut tx, folder, &said).await?;
    }
    tx.commit().await.map_err(PgError::from)?;
    Ok(Published { number, hash, unchanged })
}

/// Makes an earlier version the one that is served: that of this number, or the one published before the present.
///
/// # Errors
/// Where there is no such version, or this program can not serve it.
pub async fn rollback(
    pool: &Pool,
    folder: &str,
    to: Option<i32>,
    by: &str,
    note: &str,
    at: Timestamp,
) -> Result<Published, NotPublished> {
    let mut tx = pool.begin().await.map_err(PgError::from)?;
    let all = version::list(&mut tx, folder).await?;
    let now = version::published(&mut tx, folder).await?;
    let wanted = match to {
        Some(number) => all
            .iter()
            .find(|version| version.number == number)
            .ok_or_else(|| NotPublished::NoSuchVersion { folder: folder.to_owned(), number })?,
        None => {
            let before = version::publications(&mut tx, folder)
                .await?
                .into_iter()
                .filter_map(|said| said.hash)
                .skip_while(|hash| Some(hash) != now.as_ref())
                .find(|hash| Some(hash) != now.as_ref());
            all.iter()
                .find(|version| Some(&version.hash) == before.as_ref())
                .ok_or_else(|| NotPublished::NothingBefore { folder: folder.to_owned() })?
        }
    };
    let files = version::files(&mut tx, folder, &wanted.hash).await?.unwrap_or_default();
    BotFolder::from_files(folder, &files).map_err(|faults| NotPublished::NotUnderstood {
        folder: folder.to_owned(),
        number: wanted.number,
        faults,
    })?;
    let unchanged = now.as_deref() == Some(wanted.hash.as_str());
    if !unchanged {
        let (by, note) = (by.to_owned(), note.to_owned());
        let said =
            Publication { hash: Some(wanted.hash.clone()), action: "rollback".to_owned(), by, note, at };
        version::publish(&mut tx, folder, &said).await?;
    }
    tx.commit().await.map_err(PgError::from)?;
    Ok(Published { number: wanted.number, hash: wanted.hash.clone(), unchanged })
}

/// From now on each service serves the folder on its machine again.
///
/// # Errors
/// What the database refuses.
pub async fn follow_folder(
    pool: &Pool,
    folder: &str,
    by: &str,
    note: &str,
    at: Timestamp,
) -> Result<(), PgError> {
    let (by, note) = (by.to_owned(), note.to_owned());
    let said = Publication { hash: None, action: "follow".to_owned(), by, note, at };
    version::publish(&mut *connection(pool).await?, folder, &said).await
}

/// Every version of a bot, newest first.
///
/// # Errors
/// What the database refuses.
pub async fn versions(pool: &Pool, folder: &str) -> Result<Vec<Version>, PgError> {
    version::list(&mut *connection(pool).await?, folder).await
}

/// Who published what, newest first; the first one counts.
///
/// # Errors
/// What the database refuses.
pub async fn history(pool: &Pool, folder: &str) -> Result<Vec<Publication>, PgError> {
    version::publications(&mut *connection(pool).await?, folder).await
}

/// The bots of which versions are known.
///
/// # Errors
/// What the database refuses.
pub async fn folders(pool: &Pool) -> Result<Vec<String>, PgError> {
    version::folders(&mut *connection(pool).await?).await
}

/// The files of the version whose hash begins so, but for its tests.
///
/// # Errors
/// What the database refuses.
pub async fn files(pool: &Pool, folder: &str, hash_begins: &str) -> Result<Option<Files>, PgError> {
    version::files(&mut *connection(pool).await?, folder, hash_begins).await
}

/// What is kept of a folder: all that makes the bot what it is.
pub(super) fn texts(files: &Files) -> Texts {
    let served = files.iter().filter(|(name, _)| BotFolder::is_served(name));
    served.map(|(name, bytes)| (name.clone(), String::from_utf8_lossy(bytes).into_owned())).collect()
}

async fn connection(pool: &Pool) -> Result<impl std::ops::DerefMut<Target = PgConnection>, PgError> {
    Ok(pool.acquire().await?)
}
