//! What tests use that is no part of the project, from the folder of tools that every test shares.

use std::env;
use std::error::Error;

use local_servers::{TOOLS_VARIABLE, Tools};

/// Has it fetched unless it is there. What is told where that can not be is a sentence that says what to do.
pub(crate) async fn tool<T, E>(which: fn(&Tools) -> Result<T, E>) -> T
where
    T: Send + 'static,
    E: Error + Send + 'static,
{
    let have = move || {
        let tools = match env::var_os(TOOLS_VARIABLE) {
            Some(folder) => Tools::at(folder),
            None => Tools::below(testkit::workspace_root()),
        };
        which(&tools.unwrap())
    };
    tokio::task::spawn_blocking(have).await.unwrap().unwrap_or_else(|error| panic!("{error}"))
}
