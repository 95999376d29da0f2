//! Gathers mistakes and finds the place of each.

use crate::yaml::{At, Node, Path};
use crate::{Fault, FolderErrors};

/// A file that has been read, kept to find places in.
pub(crate) struct File {
    name: String,
    node: Node,
    /// Items of lists that were left out because they could not be read. The lists of the value are
    /// shorter by these, so an index in the value is not an index in the file.
    dropped: Vec<Path>,
    /// Values that could not be read and are defaults instead: nothing is said about what is in them.
    replaced: Vec<Path>,
}

impl File {
    pub(crate) fn new(name: &str, node: Node, dropped: Vec<Path>, replaced: Vec<Path>) -> Self {
        Self { name: name.to_owned(), node, dropped, replaced }
    }

    /// Relative to the folder.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether everything in the file was understood.
    pub(crate) fn is_whole(&self) -> bool {
        self.dropped.is_empty() && self.replaced.is_empty()
    }

    /// The line of a value.
    pub(crate) fn line(&self, path: &Path) -> u32 {
        self.node.place(&self.source_path(path)).line
    }

    fn source_path(&self, path: &Path) -> Path {
        use crate::yaml::Part;
        let mut source = Path::default();
        for part in &path.0 {
            source = match part {
                Part::Key(key) => source.key(key),
                Part::Index(index) => {
                    let mut index = *index;
                    let mut at = 0;
                    while at <= index {
                        index += usize::from(self.dropped.contains(&source.index(at)));
                        at += 1;
                    }
                    source.index(index)
                }
            };
        }
        source
    }
}

#[derive(Default)]
pub(crate) struct Report {
    faults: Vec<Fault>,
}

impl Report {
    /// A mistake in a value of a file.
    pub(crate) fn wrong(&mut self, file: &File, path: &Path, message: impl Into<String>) {
        let source = file.source_path(path);
        if file.replaced.iter().any(|replaced| source.0.starts_with(&replaced.0)) {
            return;
        }
        let at = file.node.place(&source);
        self.at(&file.name, at, &source.to_string(), message);
    }

    /// A mistake at a known place.
    pub(crate) fn at(&mut self, file: &str, at: At, field: &str, message: impl Into<String>) {
        let fault = Fault {
            file: file.to_owned(),
            line: at.line,
            column: at.column,
            field: field.to_owned(),
            message: message.into(),
        };
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// A mistake about a whole file.
    pub(crate) fn whole(&mut self, file: &str, message: impl Into<String>) {
        self.at(file, At::default(), "", message);
    }

    pub(crate) fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.extend(faults);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn into_errors(mut self) -> FolderErrors {
        self.faults.sort();
        self.faults.dedup();
        FolderErrors(self.faults)
    }
}
