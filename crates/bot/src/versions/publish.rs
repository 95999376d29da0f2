//! What an operator does with versions. Each is one transaction; the services see it within seconds.

use bot_folder::{BotFolder, Files, FolderErrors, Prompt};
use ids::Timestamp;
use pg::{PgConnection, PgError, Pool};

use crate::store::version::{self, Publication, Texts, Version};

/// Published versions that a new one's prompts are compared with, the newest ones.
const MOST_COMPARED: usize = 100;

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
    #[error(
        "{file} still says version {version}, and another text was published as that; count its version up: answers are \
         recorded with it"
    )]
    PromptChanged { file: String, version: u32 },
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
        refuse_changed_prompts(&mut tx, bot).await?;
        let (by, note) = (by.to_owned(), note.to_owned());
        let said = Publication { hash: Some(hash.clone()), action: "publish".to_owned(), by, note, at };
        version::publish(&mut tx, folder, &said).await?;
    }
    tx.commit().await.map_err(PgError::from)?;
    Ok(Published { number, hash, unchanged })
}

/// A prompt's version says what a model was told: it is one text, whenever it was published.
async fn refuse_changed_prompts(tx: &mut PgConnection, bot: &BotFolder) -> Result<(), NotPublished> {
    let folder = bot.name();
    let mut hashes: Vec<String> = Vec::new();
    for hash in version::publications(tx, folder).await?.into_iter().filter_map(|said| said.hash) {
        if hashes.len() < MOST_COMPARED && !hashes.contains(&hash) {
            hashes.push(hash);
        }
    }
    let mut published: Vec<Prompt> = Vec::new();
    for hash in hashes {
        for (name, text) in version::files(tx, folder, &hash).await?.unwrap_or_default() {
            let id = name.strip_prefix("prompts/").and_then(|name| name.strip_suffix(".md"));
            published.extend(id.and_then(|id| Prompt::read(id, std::str::from_utf8(&text).ok()?)));
        }
    }
    for prompt in &bot.prompts {
        let is_of = |other: &&Prompt| other.id == prompt.id && other.version == prompt.version;
        let mut of_version = published.iter().filter(is_of).peekable();
        // Where two texts were published as one version, before this was looked at, either is it.
        if of_version.peek().is_some() && !of_version.any(|other| other.says_the_same(prompt)) {
            let file = format!("prompts/{}.md", prompt.id);
            return Err(NotPublished::PromptChanged { file, version: prompt.version });
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use ids::Clock;

    use super::*;
    use crate::store::tests::database;
    use crate::versions::tests::shipped;

    #[tokio::test]
    async fn a_version_of_a_prompt_is_one_text_for_ever() {
        let (_database, pool) = database().await;
        let publish_as = async |number: u32, prompt: &str, version: u32| {
            let mut files = shipped(number);
            let system = files.iter_mut().find(|(name, _)| name == "prompts/system.md").unwrap();
            system.1 = format!("---\ntitle: x\nversion: {version}\n---\n{prompt}").into_bytes();
            let bot = BotFolder::from_files("dev2production", &files).unwrap();
            let published = publish(&pool, &bot, &files, "ops", "", Clock::system().now()).await;
            published.map(|published| published.number).map_err(|why| why.to_string())
        };
        assert_eq!(publish_as(1, "Be brief.", 1).await, Ok(1));
        assert_eq!(publish_as(2, "Be brief.", 1).await, Ok(2), "the rest of the bot may change");
        let refused = publish_as(3, "Be kind.", 1).await.unwrap_err();
        assert!(refused.starts_with("prompts/system.md still says version 1"), "{refused}");
        assert_eq!(publish_as(3, "Be kind.", 2).await, Ok(3));
        assert!(publish_as(4, "Be both.", 1).await.is_err(), "nor later");
        assert_eq!(
            versions(&pool, "dev2production").await.unwrap().len(),
            3,
            "nothing of a refused one is kept"
        );
    }
}
