//! The program of the model worker alone.

use std::process::ExitCode;

fn main() -> ExitCode {
    service_kit::main(&[&llm_worker::LlmWorker])
}
