//! OpenAI's own client for Python, so that what speaks its shape is tried by who defined it.

use std::path::PathBuf;

use super::Tools;
use crate::ServerError;

const TOOL: &str = "openai";
const VERSION: &str = "3.57.0";
/// Apache-2.0, MIT and BSD. Two of what it stands on are compiled: there is a hash for each Python from 3.11 to 3.14 on
/// Linux.
const REQUIREMENTS: &str = include_str!("../wheels/openai.txt");

impl Tools {
    /// A folder for Python's path that has OpenAI's client, fetched unless it is there.
    pub fn openai(&self) -> Result<PathBuf, ServerError> {
        self.packages(TOOL, VERSION, REQUIREMENTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_requirement_is_pinned() {
        assert!(REQUIREMENTS.contains(&format!("{TOOL}=={VERSION} ")));
        assert!(REQUIREMENTS.lines().all(|line| line.contains(" --hash=sha256:")));
    }
}
