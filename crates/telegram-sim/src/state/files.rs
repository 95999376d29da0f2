//! Uploaded files, in memory, the oldest forgotten first.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use ids::Ids;

use crate::sync::lock;

/// A file to be kept.
#[derive(Clone, Debug)]
pub(crate) struct NewFile {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) content: Bytes,
    /// What the file claims to be; larger than `content` for a made-up one, whose content is not kept.
    pub(crate) size: usize,
    pub(crate) is_photo: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// In which run of the simulator it was uploaded.
    run: RunId,
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) content: Bytes,
    pub(crate) size: usize,
    pub(crate) is_photo: bool,
}

/// Part of every file's id, and another one in each run: a bot remembers the files it has seen, and would take the first
/// of this run for the first of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RunId([u8; 6]);

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[derive(Debug)]
pub(crate) struct FileStore {
    run: RunId,
    /// Bytes that may be kept.
    capacity: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    bytes: usize,
    files: BTreeMap<u64, Stored>,
}

impl FileStore {
    /// Files beyond this many are forgotten even when they are small.
    const MOST: usize = 10_000;

    pub(crate) fn new(capacity: usize, ids: &Ids) -> Self {
        let run = RunId(ids.secret_bytes());
        Self { run, capacity, inner: Mutex::new(Inner { next: 1, ..Inner::default() }) }
    }

    pub(crate) fn add(&self, file: NewFile) -> Stored {
        let mut inner = lock(&self.inner);
        let number = inner.next;
        inner.next += 1;
        let stored = Stored {
            run: self.run,
            number,
            name: file.name,
            mime: file.mime,
            content: file.content,
            size: file.size,
            is_photo: file.is_photo,
        };
        inner.bytes += stored.content.len();
        inner.files.insert(number, stored.clone());
        while inner.bytes > self.capacity || inner.files.len() > Self::MOST {
            let Some((_, oldest)) = inner.files.pop_first() else { break };
            inner.bytes -= oldest.content.len();
        }
        stored
    }

    /// By the id that bots see.
    pub(crate) fn by_id(&self, file_id: &str) -> Option<Stored> {
        let (_, number) = file_id.rsplit_once('-')?;
        let file = lock(&self.inner).files.get(&number.parse().ok()?).cloned()?;
        (file.id() == file_id).then_some(file)
    }

    /// By the path that `getFile` answers with.
    pub(crate) fn by_path(&self, path: &str) -> Option<Stored> {
        let (_, name) = path.split_once("/file_")?;
        let number = name.split('.').next()?.parse().ok()?;
        let file = lock(&self.inner).files.get(&number).cloned()?;
        (file.path() == path).then_some(file)
    }
}

impl Stored {
    pub(crate) fn id(&self) -> String {
        format!("simfile-{}-{}", self.run, self.number)
    }

    /// By which a bot knows a file again.
    pub(crate) fn unique_id(&self) -> String {
        format!("simuniq{}-{}", self.run, self.number)
    }

    pub(crate) fn path(&self) -> String {
        let folder = if self.is_photo { "photos" } else { "documents" };
        let extension = self
            .name
            .rsplit_once('.')
            .map(|(_, e)| e)
            .filter(|e| (1..=8).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_alphanumeric()));
        match extension {
            Some(extension) => format!("{folder}/file_{}.{extension}", self.number),
            None => format!("{folder}/file_{}", self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use ids::Clock;

    use super::*;

    fn store(capacity: usize, run: u64) -> FileStore {
        FileStore::new(capacity, &Ids::seeded(Clock::system(), run))
    }

    fn file(size: usize) -> NewFile {
        let content = Bytes::from(vec![0; size]);
        NewFile { name: "a b.pdf".into(), mime: "application/pdf".into(), content, size, is_photo: false }
    }

    #[test]
    fn the_oldest_file_makes_room() {
        let store = store(100, 1);
        let first = store.add(file(60));
        assert!(store.by_id(&first.id()).is_some());
        let second = store.add(file(60));
        assert!(store.by_id(&first.id()).is_none());
        assert_eq!(second.path(), "documents/file_2.pdf");
        assert_eq!(store.by_path("documents/file_2.pdf").map(|f| f.number), Some(2));
        assert!(store.by_path("photos/file_2.pdf").is_none());
    }

    #[test]
    fn the_files_of_one_run_are_not_those_of_another() {
        let (before, after) = (store(100, 1), store(100, 2));
        let (old, new) = (before.add(file(1)), after.add(file(1)));
        assert_eq!(old.number, new.number);
        assert_ne!(old.id(), new.id());
        assert_ne!(old.unique_id(), new.unique_id());
        assert!(after.by_id(&old.id()).is_none(), "what an earlier run stored is gone");
        assert_eq!(after.by_id(&new.id()).map(|file| file.unique_id()), Some(new.unique_id()));
        assert_eq!(store(100, 1).add(file(1)).id(), old.id(), "in a test it is the same each time");
        for id in ["", "simfile-1", "simfile--1", "-1", "simfile-x"] {
            assert!(after.by_id(id).is_none(), "{id}");
        }
    }
}
