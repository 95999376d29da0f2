//! The standard's own library for Python, so that what we sign is verified by somebody else.

use std::path::PathBuf;

use super::Tools;
use crate::ServerError;

const TOOL: &str = "standardwebhooks";
const VERSION: &str = "1.1.0";
/// MIT, of plain Python.
const REQUIREMENTS: &str = include_str!("../wheels/standardwebhooks.txt");

impl Tools {
    /// A folder for Python's path that has it, fetched unless it is there.
    pub fn standardwebhooks(&self) -> Result<PathBuf, ServerError> {
        self.packages(TOOL, VERSION, REQUIREMENTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_pinned() {
        assert!(REQUIREMENTS.starts_with(&format!("{TOOL}=={VERSION} --hash=sha256:")));
        assert_eq!(REQUIREMENTS.trim().lines().count(), 1);
    }
}
