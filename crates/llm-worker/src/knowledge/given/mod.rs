//! Documents that an administrator gives to a bot: files, addresses, and answers to what nobody could answer.

pub(crate) mod fetch;
mod html;
mod intake;
mod job;
mod page;
mod scan;
#[cfg(test)]
mod tests;

use classify::{Class, Failure};
use ids::{Clock, Ids, Timestamp, Uuid};
use jobs::Jobs;
use pg::{PgConnection, PgError, Pool};
use serde::Serialize;
use url::Url;

use self::fetch::{MOST_BYTES, Marks};
pub(crate) use self::job::queues;
use self::page::Kind;
pub(crate) use super::bots::given_key;
use crate::store::given;

/// The kind of what answers a question that nobody could answer.
pub(super) const ANSWER: &str = "answer";

/// A document that an administrator gave.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Given {
    pub id: Uuid,
    /// The name of the bot's folder.
    pub bot: String,
    /// "file", "url" or "answer".
    pub kind: String,
    /// The file's name, the address, or the question that is answered.
    pub place: String,
    /// As the administrator said it, else as it was found.
    pub language: Option<String>,
    pub title: String,
    /// "waiting", "ready", "quarantined" or "failed". Only what is ready is searched.
    pub state: String,
    /// Why it is in quarantine, or could not be fetched the last time.
    pub reason: Option<String>,
    pub passages: i32,
    pub added_at: Timestamp,
    /// When it was last looked at where it comes from.
    pub checked_at: Option<Timestamp>,
}

/// What administrators do about the knowledge of the bots.
#[derive(Clone, Debug)]
pub struct KnowledgeBase {
    pub(super) pool: Pool,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
}

impl KnowledgeBase {
    #[must_use]
    pub const fn new(pool: Pool, clock: Clock, ids: Ids) -> Self {
        Self { pool, clock, ids }
    }

    /// Takes a file's text. A file of the same name is replaced.
    ///
    /// # Errors
    /// A kind of file that is not read, one that is too large, or what the database refuses.
    pub async fn add_file(
        &self,
        bot: &str,
        name: &str,
        language: Option<&str>,
        content: &[u8],
    ) -> Result<Given, Failure> {
        let kind = Kind::of_name(name).ok_or_else(|| {
            Failure::new(Class::Invalid, format!("{name} is not read; give .md, .txt or .html"))
        })?;
        if content.len() > MOST_BYTES {
            return Err(Failure::new(Class::Invalid, format!("{name} is larger than 5 MiB")));
        }
        let text = std::str::from_utf8(content)
            .map_err(|_| Failure::new(Class::Invalid, format!("{name} is not UTF-8")))?;
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let given = self.take_in_tx(&mut tx, (bot, "file", name), language, (kind, text)).await?;
        tx.commit().await.map_err(PgError::from)?;
        Ok(given)
    }

    /// Takes an answer to a question.
    pub(super) async fn add_answer_in_tx(
        &self,
        tx: &mut PgConnection,
        bot: &str,
        question: &str,
        language: &str,
        answer: &str,
    ) -> Result<Given, Failure> {
        self.take_in_tx(tx, (bot, ANSWER, question), Some(language), (Kind::Text, answer)).await
    }

    async fn take_in_tx(
        &self,
        tx: &mut PgConnection,
        what: (&str, &str, &str),
        language: Option<&str>,
        content: (Kind, &str),
    ) -> Result<Given, Failure> {
        let now = self.clock.now();
        let id = given::add_in_tx(tx, self.ids.uuid(), what, language, now).await?;
        let taken = intake::take_in_tx(tx, id, content, &Marks::default(), now).await?;
        taken.ok_or_else(|| Failure::new(Class::Permanent, "what was just written is not there"))
    }

    /// Takes an address; the worker fetches it, and looks for changes from then on.
    ///
    /// # Errors
    /// No address of the web, or what the database refuses.
    pub async fn add_url(&self, bot: &str, url: &str, language: Option<&str>) -> Result<Given, Failure> {
        let mut url = Url::parse(url).map_err(|error| Failure::new(Class::Invalid, error))?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            let why = "give an address that begins with https://, without a user or a password in it";
            return Err(Failure::new(Class::Invalid, why));
        }
        url.set_fragment(None);
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let what = (bot, "url", url.as_str());
        let id = given::add_in_tx(&mut tx, self.ids.uuid(), what, language, self.clock.now()).await?;
        self.fetch_in_tx(&mut tx, id).await?;
        tx.commit().await.map_err(PgError::from)?;
        self.show(id).await.map(|(given, _)| given)
    }

    async fn fetch_in_tx(&self, tx: &mut PgConnection, id: Uuid) -> Result<(), Failure> {
        // Whoever works the queue off finds it at their next look.
        Jobs::default().enqueue(tx, vec![job::fetching(id, &self.ids)?]).await?.run();
        Ok(())
    }

    /// What was given, by bot; to one bot where it is named.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn list(&self, bot: Option<&str>) -> Result<Vec<Given>, PgError> {
        given::list(&self.pool, bot).await
    }

    /// A document and what it says.
    ///
    /// # Errors
    /// There is none, or what the database refuses.
    pub async fn show(&self, id: Uuid) -> Result<(Given, String), Failure> {
        let (given, content) = (given::get(&self.pool, id).await?, given::content(&self.pool, id).await?);
        given.zip(content).map(|(given, (body, ..))| (given, body)).ok_or_else(|| none(id))
    }

    /// Forgets a document. No answer rests on it from then on.
    ///
    /// # Errors
    /// There is none, or what the database refuses.
    pub async fn remove(&self, id: Uuid) -> Result<(), Failure> {
        if given::remove(&self.pool, id).await? { Ok(()) } else { Err(none(id)) }
    }

    /// Has a document fetched again, now.
    ///
    /// # Errors
    /// There is none, it has no address, or what the database refuses.
    pub async fn refresh(&self, id: Uuid) -> Result<Given, Failure> {
        let (given, _) = self.show(id).await?;
        if given.kind != "url" {
            return Err(Failure::new(
                Class::Invalid,
                "only what has an address is fetched; add the file again",
            ));
        }
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        self.fetch_in_tx(&mut tx, id).await?;
        tx.commit().await.map_err(PgError::from)?;
        Ok(given)
    }

    /// Lets a document out of quarantine, as it is now. If it changes it is looked through again.
    ///
    /// # Errors
    /// There is none in quarantine, or what the database refuses.
    pub async fn release(&self, id: Uuid) -> Result<Given, Failure> {
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let Some((known, _)) = given::lock_in_tx(&mut tx, id).await? else { return Err(none(id)) };
        if known.state != "quarantined" {
            return Err(Failure::new(
                Class::Invalid,
                format!("{id} is {} and not in quarantine", known.state),
            ));
        }
        let released = intake::release_in_tx(&mut tx, &known, self.clock.now()).await?;
        tx.commit().await.map_err(PgError::from)?;
        released.ok_or_else(|| none(id))
    }
}

fn none(id: Uuid) -> Failure {
    Failure::new(Class::NotFound, format!("there is no document {id}; see dragoman knowledge list"))
}
