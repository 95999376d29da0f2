//! The Postgres and NATS that one test run shares.

use std::path::Path;

use ids::Secret;

/// The names under which a run tells its tests where the servers are.
const POSTGRES: &str = "DRAGOMAN_TEST_POSTGRES_URL";
const NATS: &str = "DRAGOMAN_TEST_NATS_URL";

/// Where the servers of this test run are.
#[derive(Clone, Debug)]
pub struct Servers {
    /// The superuser's address.
    pub postgres_url: Secret,
    /// With user and password.
    pub nats_url: Secret,
}

/// The servers that `cargo xtask test` started. NATS is shared by every test of the run: a test that
/// needs streams of its own takes [`nats_server`](crate::nats_server).
#[must_use]
pub fn servers() -> Servers {
    Servers { postgres_url: Secret::new(variable(POSTGRES)), nats_url: Secret::new(variable(NATS)) }
}

fn variable(name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "the test runner has no other way to tell a test")]
    let value = std::env::var(name);
    value.unwrap_or_else(|_| {
        panic!("{name} is not set: run the tests with `cargo xtask test -p <crate>`, which starts the servers they need")
    })
}

/// The folder of the workspace, for tests that read files of the repository.
#[must_use]
pub fn workspace_root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}
