//! The bot service as a process of its own.

fn main() -> std::process::ExitCode {
    service_kit::main(&[&bot::Bot])
}
