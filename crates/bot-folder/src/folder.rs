//! The folder as a whole.

use std::path::Path;

use crate::{
    Bot, Calibration, Experiment, Faq, FaqEntry, Flow, FolderErrors, Knowledge, LabelledSet, Menu,
    ModelBaselines, ModelCase, Prompt, Scenario,
};

/// The files of a folder: each a name relative to it (`flows/intake.yml`) and its bytes.
pub type Files = Vec<(String, Vec<u8>)>;

/// A bot that has been read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct BotFolder {
    pub bot: Bot,
    pub menu: Menu,
    pub faq: Faq,
    /// Ordered by id.
    pub flows: Vec<Flow>,
    /// Ordered by id.
    pub knowledge: Vec<Knowledge>,
    /// Its own, variants included. Ordered by id.
    pub prompts: Vec<Prompt>,
    /// Which prompts are tried against each other.
    pub experiments: Vec<Experiment>,
    /// How conversations ought to go; no part of the version.
    pub scenarios: Vec<Scenario>,
    /// Questions with the answers they ought to get, ordered by file; no part of the version.
    pub eval: Vec<LabelledSet>,
    /// What a language model is tried with, ordered by file; no part of the version.
    pub model_cases: Vec<ModelCase>,
    /// How that went before; no part of the version.
    pub model_baselines: ModelBaselines,
    /// Its own; `None` where it has none.
    pub calibration: Option<Calibration>,
    pub(crate) version: String,
}

impl BotFolder {
    /// Reads and checks `bots/<name>/`.
    ///
    /// # Errors
    /// Every mistake in it, not only the first.
    pub fn load(path: &Path) -> Result<Self, FolderErrors> {
        crate::load::load(path)
    }

    /// The files of `bots/<name>/` as they are, for [`BotFolder::from_files`].
    ///
    /// # Errors
    /// What can not be read.
    pub fn files(path: &Path) -> Result<Files, FolderErrors> {
        crate::load::files(path)
    }

    /// What a bot whose folder lies at `path` is called.
    #[must_use]
    pub fn name_of(path: &Path) -> String {
        crate::load::name(path)
    }

    /// Whether a file makes the bot what it is; its tests do not.
    #[must_use]
    pub fn is_served(file: &str) -> bool {
        crate::load::is_served(file)
    }

    /// Reads and checks a folder from its files.
    ///
    /// # Errors
    /// Every mistake in them, not only the first.
    pub fn from_files(name: &str, files: &[(String, Vec<u8>)]) -> Result<Self, FolderErrors> {
        crate::load::from_files(name, files)
    }

    /// The bot's name, which is the folder's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.bot.name
    }

    /// What makes this the same bot: SHA-256 over the names and bytes of its files, but for its scenarios and
    /// labelled sets, in hexadecimal.
    #[must_use]
    pub fn content_hash(&self) -> &str {
        &self.version
    }

    #[must_use]
    pub fn flow(&self, id: &str) -> Option<&Flow> {
        self.flows.iter().find(|flow| flow.id == id)
    }

    #[must_use]
    pub fn faq_entry(&self, id: &str) -> Option<&FaqEntry> {
        self.faq.entries.iter().find(|entry| entry.id == id)
    }

    #[must_use]
    pub fn prompt(&self, id: &str) -> Option<&Prompt> {
        self.prompts.iter().find(|prompt| prompt.id == id)
    }
}
