//! Analytics as a process of its own.

fn main() -> std::process::ExitCode {
    service_kit::main(&[&analytics::Analytics])
}
