//! A person's archive: a zip with each section as JSON and as CSV. Rows are written as they come from the
//! database; what is held in memory is the compressed archive, and that is bounded.

use std::io::{Cursor, Write};

use classify::{Class, Failure};
use pg::Pool;
use serde_json::{Map, Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::csv;
use crate::store::export::{self, Export, SECTIONS, Section};

/// Bytes of all files before they are compressed. Telegram takes 50 MB, and what is compressed is not larger.
const MOST: usize = 45_000_000;

/// An archive that is ready to be sent.
pub(crate) struct Archive {
    pub(crate) bytes: Vec<u8>,
    /// Files that are not whole.
    pub(crate) cut: Vec<String>,
}

/// Puts it together. `services` is what the other services said.
pub(crate) async fn build(
    pool: &Pool,
    export: &Export,
    readme: &str,
    services: &[(String, Value)],
    most: Option<usize>,
) -> Result<Archive, Failure> {
    let mut bundle =
        Bundle { zip: ZipWriter::new(Cursor::new(Vec::new())), left: most.unwrap_or(MOST), cut: Vec::new() };
    bundle.file("README.txt", readme)?;
    let profile = export::profile(pool, export).await?.unwrap_or_default();
    bundle.file("profile.json", &format!("{profile:#}\n"))?;
    let services: Map<String, Value> = services.iter().cloned().collect();
    bundle.file("other_services.json", &format!("{:#}\n", json!(services)))?;
    for section in SECTIONS {
        bundle.json(pool, export, section).await?;
        bundle.csv(pool, export, section).await?;
    }
    bundle.finish()
}

struct Bundle {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    /// Bytes that may still be written.
    left: usize,
    cut: Vec<String>,
}

impl Bundle {
    fn file(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        self.begin(name)?;
        // A text that does not fit is left out, and said so.
        if !self.write(text)? {
            self.cut.push(name.to_owned());
        }
        Ok(())
    }

    async fn json(&mut self, pool: &Pool, export: &Export, section: &Section) -> Result<(), Failure> {
        let name = format!("{}.json", section.name);
        self.begin(&name)?;
        self.write("[")?;
        let (mut failed, mut whole, mut first) = (None, true, true);
        export::each_row(pool, section, export, |row| {
            let line = if first { format!("\n{row}") } else { format!(",\n{row}") };
            first = false;
            self.row(&line, &mut whole, &mut failed)
        })
        .await?;
        failed.map_or(Ok(()), Err)?;
        self.close("\n]\n")?;
        self.note(name, whole);
        Ok(())
    }

    async fn csv(&mut self, pool: &Pool, export: &Export, section: &Section) -> Result<(), Failure> {
        let name = format!("{}.csv", section.name);
        self.begin(&name)?;
        // By this mark spreadsheets know that it is UTF-8.
        self.write("\u{feff}")?;
        self.write(&csv::head(section.columns))?;
        let (mut failed, mut whole) = (None, true);
        export::each_row(pool, section, export, |row| {
            let object: Map<String, Value> = serde_json::from_str(row).unwrap_or_default();
            self.row(&csv::row(section.columns, &object), &mut whole, &mut failed)
        })
        .await?;
        failed.map_or(Ok(()), Err)?;
        self.note(name, whole);
        Ok(())
    }

    /// Writes a row; whether more are wanted.
    fn row(&mut self, line: &str, whole: &mut bool, failed: &mut Option<Failure>) -> bool {
        match self.write(line) {
            Ok(true) => true,
            Ok(false) => {
                *whole = false;
                false
            }
            Err(failure) => {
                *failed = Some(failure);
                false
            }
        }
    }

    fn note(&mut self, name: String, whole: bool) {
        if !whole {
            self.cut.push(name);
        }
    }

    fn begin(&mut self, name: &str) -> Result<(), Failure> {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        self.zip.start_file(name, options).map_err(broken)
    }

    /// Whether it fits; what does not is not written.
    fn write(&mut self, text: &str) -> Result<bool, Failure> {
        let Some(left) = self.left.checked_sub(text.len()) else { return Ok(false) };
        self.left = left;
        self.close(text)?;
        Ok(true)
    }

    /// What ends a file is always written.
    fn close(&mut self, text: &str) -> Result<(), Failure> {
        self.zip.write_all(text.as_bytes()).map_err(broken)
    }

    fn finish(self) -> Result<Archive, Failure> {
        Ok(Archive { bytes: self.zip.finish().map_err(broken)?.into_inner(), cut: self.cut })
    }
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(Class::Permanent, error)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use ids::{Ids, Pii};
    use zip::ZipArchive;

    use super::*;
    use crate::store::conversation::ChatKey;
    use crate::store::message::{self, Message};
    use crate::store::tests::database;

    #[tokio::test]
    async fn what_does_not_fit_is_left_out_and_told() {
        let (_database, pool) = database().await;
        let conversation_id = Ids::system().conversation();
        let message = |n: i64| Message {
            conversation_id,
            at_ms: n,
            from_person: true,
            kind: "text".to_owned(),
            text: Pii::new(format!("message {n}")),
            label: Pii::default(),
            message_id: n,
            ignored_why: None,
            understood: None,
            answers: 0,
        };
        let messages: Vec<Message> = (1..=1000).map(message).collect();
        message::append(&mut pool.acquire().await.unwrap(), &messages).await.unwrap();
        let conversation_id = conversation_id.0;
        let key = ChatKey { bot: "a".to_owned(), chat_id: 7 };
        let export = Export { key, conversation_id, language: "en".to_owned(), age: 0.0 };
        let whole = build(&pool, &export, "read me", &[], None).await.unwrap();
        assert_eq!(whole.cut, Vec::<String>::new());
        let cut = build(&pool, &export, "read me", &[], Some(20_000)).await.unwrap();
        assert_eq!(cut.cut, ["messages.json", "messages.csv"]);
        for (archive, least, most) in [(whole.bytes, 1000, 1000), (cut.bytes, 10, 999)] {
            let mut text = String::new();
            let mut zip = ZipArchive::new(Cursor::new(archive)).unwrap();
            zip.by_name("messages.json").unwrap().read_to_string(&mut text).unwrap();
            let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
            assert!((least..=most).contains(&rows.len()), "{}", rows.len());
        }
    }
}
