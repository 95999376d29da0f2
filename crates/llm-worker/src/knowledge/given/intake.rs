//! A document that has come, on its way to be searched: read, looked through, cut, and written.

use bot_folder::Lang;
use classify::Failure;
use ids::{Timestamp, Uuid};
use pg::PgConnection;
use sha2::{Digest, Sha256};

use super::fetch::Marks;
use super::page::{Kind, Page};
use super::scan::findings;
use super::{ANSWER, Given};
use crate::domain::question::SourceKind;
use crate::knowledge::{Document, Passage, split};
use crate::store::given::{self, Content};

/// Passages of one document at most; what is behind them is not searched.
const MOST_PASSAGES: usize = 2_000;

/// Writes what a document says. The document as it is then; `None` where it was removed meanwhile.
pub(crate) async fn take_in_tx(
    tx: &mut PgConnection,
    id: Uuid,
    (kind, text): (Kind, &str),
    marks: &Marks,
    now: Timestamp,
) -> Result<Option<Given>, Failure> {
    let Some((known, released)) = given::lock_in_tx(tx, id).await? else { return Ok(None) };
    let page = kind.read(text);
    let hash = hex::encode(Sha256::digest(text.as_bytes()));
    // An answer was read by whoever approved it.
    let read = known.kind == ANSWER || released.as_ref() == Some(&hash);
    write_in_tx(tx, &known, (&page, &hash, marks), read, now).await?;
    Ok(given::lock_in_tx(tx, id).await?.map(|(given, _)| given))
}

/// Makes searchable what is in quarantine.
pub(crate) async fn release_in_tx(
    tx: &mut PgConnection,
    known: &Given,
    now: Timestamp,
) -> Result<Option<Given>, Failure> {
    let Some((body, hash, marks)) = given::content(&mut *tx, known.id).await? else { return Ok(None) };
    given::release_in_tx(tx, known.id, &hash).await?;
    let page = Page { title: known.title.clone(), body, ..Page::default() };
    write_in_tx(tx, known, (&page, &hash, &marks), true, now).await?;
    Ok(given::lock_in_tx(tx, known.id).await?.map(|(given, _)| given))
}

/// `read`: somebody has read it and found it harmless.
async fn write_in_tx(
    tx: &mut PgConnection,
    known: &Given,
    (page, hash, marks): (&Page, &str, &Marks),
    read: bool,
    now: Timestamp,
) -> Result<(), Failure> {
    let document = document(known, page);
    let found = if read { Vec::new() } else { findings(page) };
    let why = found.iter().map(|found| format!("{}: “{}”", found.what, found.excerpt));
    let mut why = why.collect::<Vec<_>>().join("; ");
    if document.passages.is_empty() && why.is_empty() {
        "there is nothing to read in it".clone_into(&mut why);
    }
    let outcome = if why.is_empty() { Ok(&document) } else { Err(why.as_str()) };
    let (title, language) = (document.title.as_str(), document.language.as_str());
    let content = Content { title, language, body: &page.body, hash, marks, outcome };
    given::write_in_tx(tx, known, &content, now).await?;
    Ok(())
}

/// What is searched of a document. An answer to a question is found by the question and is not cut.
fn document(given: &Given, page: &Page) -> Document {
    let named = given.language.as_deref().and_then(Lang::of_tag);
    let language = named.unwrap_or_else(|| page.language());
    let title = if page.title.trim().is_empty() { last_part(&given.place) } else { page.title.trim() };
    let (kind, passages) = if given.kind == ANSWER {
        let text = page.body.trim().to_owned();
        let answer = Passage { heading: given.place.clone(), hints: String::new(), text };
        (SourceKind::Faq, vec![answer])
    } else {
        (SourceKind::Knowledge, split(title, &page.body).into_iter().take(MOST_PASSAGES).collect())
    };
    let title = if given.kind == ANSWER { given.place.clone() } else { title.to_owned() };
    let passages = passages.into_iter().filter(|passage| !passage.text.is_empty()).collect();
    Document { kind, source: given.id.to_string(), language, title, passages }
}

/// A name for what has none: of a file or an address the last part.
fn last_part(place: &str) -> &str {
    place.trim_end_matches('/').rsplit('/').next().unwrap_or(place)
}
