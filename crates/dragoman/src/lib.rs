//! Every role in one program, and the operator's command line.

mod cli;
mod commands;
mod environment;
mod presented;
mod roles;
mod up;

pub use cli::Cli;
pub use commands::dispatch;
pub use roles::ROLES;
