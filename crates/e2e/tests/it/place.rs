//! A folder in which `dragoman up` is started.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use e2e::{BOT, Child, free_port, processes_naming, program};
use rustix::process::Signal;
use tempfile::TempDir;
use testkit::workspace_root;

/// A folder as it is after the project was fetched, with the servers' programs in it already.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    gateway: String,
    simulator: String,
}

/// What runs after a start.
pub(crate) struct Up {
    pub(crate) process: Child,
    pub(crate) chat_page: String,
    pub(crate) api: String,
    pub(crate) token: Option<String>,
}

impl Place {
    pub(crate) fn new() -> Self {
        // Postgres may run as another user, who has to reach its folder.
        let open = fs::Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("dragoman-up-").permissions(open).tempdir().unwrap();
        symlink(workspace_root().join("bots"), folder.path().join("bots")).unwrap();
        fs::create_dir(folder.path().join(".dragoman")).unwrap();
        symlink(tools(), folder.path().join(".dragoman/tools")).unwrap();
        let address = || format!("127.0.0.1:{}", free_port());
        Self { folder, gateway: address(), simulator: address() }
    }

    /// The same with a folder of bots to add to; the shipped one is in it.
    pub(crate) fn with_bots_of_its_own(self) -> Self {
        let bots = self.folder.path().join("bots");
        fs::remove_file(&bots).unwrap();
        fs::create_dir(&bots).unwrap();
        symlink(workspace_root().join("bots").join(BOT), bots.join(BOT)).unwrap();
        self
    }

    /// A command as it is given in this folder.
    pub(crate) async fn dragoman(&self, args: &[&str]) -> e2e::Said {
        e2e::command(self.folder.path(), args, &[]).await
    }

    /// Starts it and waits for what it prints. Also all that it has said.
    pub(crate) async fn up(&self) -> (Up, String) {
        self.up_with(&[]).await
    }

    /// The same with these arguments.
    pub(crate) async fn up_with(&self, args: &[&str]) -> (Up, String) {
        let variables = [("GATEWAY_LISTEN", self.gateway.as_str()), ("SIM_LISTEN", self.simulator.as_str())];
        let folder = self.folder.path();
        let log = folder.join("up.log");
        // The second start has a log of its own.
        let _ = fs::remove_file(&log);
        let mut process =
            Child::start(&program("dragoman"), &[&["up"], args].concat(), folder, &variables, log);
        let announced = async |up: &Child| up.said().contains("Ctrl-C stops everything").then(|| up.said());
        let said = process.until("it says where everything is", announced).await;
        let after = |label: &str| {
            let rest = said.lines().find_map(|line| line.trim().strip_prefix(label));
            rest.and_then(|rest| rest.split_whitespace().next()).map(str::to_owned)
        };
        let (chat_page, api) = (after("chat page").unwrap(), after("admin and API").unwrap());
        assert_eq!(chat_page, format!("http://{}", self.simulator));
        assert_eq!(api, format!("http://{}", self.gateway));
        (Up { process, chat_page, api, token: after("admin token") }, said)
    }

    /// Ctrl-C; then nothing may be left.
    pub(crate) async fn interrupt(&self, process: Child) {
        process.signal(Signal::INT);
        let status = process.end().await;
        assert!(status.success(), "it ended badly: {status}");
        self.nothing_is_left().await;
    }

    pub(crate) async fn nothing_is_left(&self) {
        let gone = async || processes_naming(self.folder.path()).is_empty().then_some(());
        testkit::until("no process is left", gone).await;
    }

    /// The sentence by which it ends.
    pub(crate) async fn refuses(&self, variables: &[(&str, &str)]) -> String {
        let own = [("GATEWAY_LISTEN", self.gateway.as_str()), ("SIM_LISTEN", self.simulator.as_str())];
        let variables: Vec<(&str, &str)> = own.iter().chain(variables).copied().collect();
        e2e::command(self.folder.path(), &["up"], &variables).await.sentence()
    }
}

fn tools() -> std::path::PathBuf {
    std::env::var_os("DRAGOMAN_TOOLS").map_or_else(|| workspace_root().join(".dragoman/tools"), Into::into)
}
