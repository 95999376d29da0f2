//! What every service stands on: settings, telemetry, health, problem answers, and the runner that turns a
//! list of roles into a process and stops it again.

mod allocator;
mod health;
pub mod http;
mod parts;
mod problem;
mod program;
mod role;
mod runner;
pub mod settings;
mod start_error;
mod task;
pub mod telemetry;

pub use health::Check;
pub use parts::Parts;
pub use problem::{Problem, class_of_code};
pub use program::main;
pub use role::{Role, RoleContext};
pub use runner::{Options, Process, check_settings, migrate, pool, pool_settings, run};
pub use settings::{SectionDoc, Settings, SettingsError};
pub use start_error::StartError;
pub use task::{OnError, Task};
