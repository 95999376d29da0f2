use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Localized;

/// What is said of files that came. `{files}` is filled with their names, `{limit}` with megabytes or a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FileTexts {
    /// They are here, looked through and kept.
    pub kept: Localized,
    /// A question that waits for files may be given more, or be done with.
    pub more: Localized,
    /// As many as the question takes have come. `{limit}` is that number.
    pub enough: Localized,
    /// Larger than `limits.file_megabytes`.
    pub too_large: Localized,
    /// Of a kind that is not taken.
    pub wrong_type: Localized,
    /// The scanner found something in it.
    pub infected: Localized,
    /// More in a day than `limits.files_per_day`.
    pub too_many: Localized,
    /// To look it through takes longer than usual.
    pub late: Localized,
    /// It could not be fetched or kept, however often that was tried.
    pub failed: Localized,
    /// Stands for a file that has no name.
    pub nameless: Localized,
}

impl FileTexts {
    /// Each text with its key and the placeholders it may use.
    pub(crate) fn all(&self) -> [(&'static str, &Localized, &'static [&'static str]); 10] {
        [
            ("kept", &self.kept, &["files"]),
            ("more", &self.more, &[]),
            ("enough", &self.enough, &["limit"]),
            ("too_large", &self.too_large, &["files", "limit"]),
            ("wrong_type", &self.wrong_type, &["files"]),
            ("infected", &self.infected, &["files"]),
            ("too_many", &self.too_many, &["files", "limit"]),
            ("late", &self.late, &["files"]),
            ("failed", &self.failed, &["files"]),
            ("nameless", &self.nameless, &[]),
        ]
    }
}
