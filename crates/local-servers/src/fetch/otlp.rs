//! What OpenTelemetry publishes for Python, so that a collector that is not ours can read what we export.

use std::path::PathBuf;

use super::Tools;
use crate::ServerError;

const TOOL: &str = "opentelemetry-proto";
const VERSION: &str = "1.45.2";
/// Both are Apache-2.0 or BSD, of plain Python: one hash is enough for every platform.
const REQUIREMENTS: &str = include_str!("../wheels/otlp.txt");

impl Tools {
    /// A folder for Python's path that has the messages of OTLP, fetched unless it is there.
    pub fn otlp(&self) -> Result<PathBuf, ServerError> {
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
