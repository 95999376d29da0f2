//! A test run: a Postgres and a NATS of its own on free ports, every program built, then the tests. Any
//! number of runs may go on at once, beside a running `make run`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;
use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, TOOLS_VARIABLE, Tools, discard};

use crate::shell::{Shell, say};
use crate::workspace::Workspace;

/// What a run's tests open at most, all together.
const MAX_CONNECTIONS: u16 = 500;

/// The servers of one run, in `.dragoman/test/<pid>`.
struct Servers {
    folder: PathBuf,
    postgres: Postgres,
    nats: Nats,
}

pub(crate) fn run(shell: &Shell, args: &[String]) -> anyhow::Result<()> {
    let selection = Selection::of(args);
    if selection.needs_programs() {
        shell.cargo(["build", "--workspace", "--bins"]).must_succeed()?;
    } else if selection.names("crm") {
        // Its tests start the program that stands in for the real ones.
        shell.cargo(["build", "--package", "crm-sim"]).must_succeed()?;
    }
    // A Ctrl-C ends this process and so the servers, by their watchdogs; the next run clears the folder.
    let servers = Servers::start(shell.root())?;
    let outcome = tests(shell, &selection, &servers);
    servers.end(outcome.is_ok())?;
    outcome
}

fn tests(shell: &Shell, selection: &Selection, servers: &Servers) -> anyhow::Result<()> {
    let nextest = shell.cargo(["nextest", "--version"]).succeeds();
    let runner =
        if nextest { shell.cargo(["nextest", "run"]) } else { shell.cargo(["test", "--all-targets"]) };
    let runner = if selection.packages.is_empty() { runner.args(["--workspace"]) } else { runner };
    let runner = if !nextest && selection.is_plain() { runner.args(["--no-fail-fast"]) } else { runner };
    servers.tell(runner.args(&selection.args)).must_succeed()?;
    if !selection.is_plain() {
        return Ok(());
    }
    // Neither runner above runs the examples in the documentation.
    let libraries = libraries(shell.root(), &selection.packages)?;
    if libraries.is_empty() {
        return Ok(());
    }
    let packages = libraries.iter().flat_map(|name| ["--package", name]);
    servers.tell(shell.cargo(["test", "--doc", "--quiet"]).args(packages)).must_succeed()
}

/// The selected crates that have a library with examples in its documentation.
fn libraries(root: &Path, packages: &[String]) -> anyhow::Result<Vec<String>> {
    let workspace = Workspace::load(root)?;
    let selected =
        workspace.crates.iter().filter(|member| packages.is_empty() || packages.contains(&member.name));
    let with_examples = selected.filter(|member| {
        let library = workspace.files.contains_key(&format!("{}/src/lib.rs", member.folder));
        let example = |text: &str| text.lines().any(|line| matches!(line.trim(), "/// ```" | "//! ```"));
        library && workspace.sources(&member.folder).any(|(_, text)| example(text))
    });
    Ok(with_examples.map(|member| member.name.clone()).collect())
}

/// Which tests were asked for.
#[derive(Debug, PartialEq, Eq)]
struct Selection {
    args: Vec<String>,
    /// Named by `-p` or `--package`.
    packages: Vec<String>,
    /// Something else was asked for as well: a name, a target, an option of the runner.
    more: bool,
}

impl Selection {
    fn of(args: &[String]) -> Self {
        let (mut packages, mut more) = (Vec::new(), false);
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "-p" | "--package" => packages.extend(rest.next().cloned()),
                other => match other.strip_prefix("--package=") {
                    Some(name) => packages.push(name.to_owned()),
                    None => more = true,
                },
            }
        }
        Self { args: args.to_vec(), packages, more }
    }

    /// Whole crates, or everything.
    fn is_plain(&self) -> bool {
        !self.more
    }

    /// The end-to-end tests start our programs, which the test runner does not build for them.
    fn needs_programs(&self) -> bool {
        self.packages.is_empty() || self.names("e2e")
    }

    fn names(&self, package: &str) -> bool {
        self.packages.iter().any(|name| name == package)
    }
}

impl Servers {
    fn start(root: &Path) -> anyhow::Result<Self> {
        let runs = root.join(".dragoman/test");
        fs::create_dir_all(&runs).with_context(|| format!("could not make {}", runs.display()))?;
        let tools = match std::env::var_os(TOOLS_VARIABLE) {
            Some(folder) => Tools::at(folder)?,
            None => Tools::below(root)?,
        };
        let (postgres, nats) = (tools.postgres()?, tools.nats()?);
        // One run at a time clears what earlier ones left, and none is half started while that is done.
        let clearing = File::create(runs.join("lock")).and_then(|file| file.lock().map(|()| file));
        let _clearing = clearing.context("could not lock the folder of test runs")?;
        clear(&runs)?;
        let folder = runs.join(std::process::id().to_string());
        let options = PostgresOptions {
            max_connections: MAX_CONNECTIONS,
            ..PostgresOptions::new(folder.join("postgres"))
        };
        let postgres = Postgres::start(&postgres, &options)?;
        let nats = Nats::start(&nats, &NatsOptions::new(folder.join("nats")))?;
        say(&format!("Postgres on port {}, NATS on port {}", postgres.port(), nats.port()));
        Ok(Self { folder, postgres, nats })
    }

    fn tell(&self, program: crate::shell::Program) -> crate::shell::Program {
        program
            .env("DRAGOMAN_TEST_POSTGRES_URL", self.postgres.url().expose())
            .env("DRAGOMAN_TEST_NATS_URL", self.nats.url().expose())
    }

    /// Stops both. After a failure their data stays, with the databases of the tests that failed.
    fn end(self, succeeded: bool) -> anyhow::Result<()> {
        self.nats.stop()?;
        self.postgres.stop()?;
        if succeeded {
            return remove(&self.folder);
        }
        say(&format!(
            "the data of this run is kept until the next: `cargo run -p local-servers -- .dragoman/tools {}` serves it",
            self.folder.display()
        ));
        Ok(())
    }
}

/// Removes what runs that are over left behind.
fn clear(runs: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(runs)? {
        let folder = entry?.path();
        if folder.is_dir() {
            remove(&folder)?;
        }
    }
    Ok(())
}

/// Removes a run's folder, unless the run still goes on.
fn remove(folder: &Path) -> anyhow::Result<()> {
    if discard(&folder.join("postgres"))? && discard(&folder.join("nats"))? {
        fs::remove_dir_all(folder).with_context(|| format!("could not remove {}", folder.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(args: &[&str]) -> Selection {
        Selection::of(&args.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn packages_are_told_from_other_wishes() {
        assert!(of(&[]).is_plain() && of(&[]).needs_programs());
        let packages = of(&["-p", "bus", "--package=jobs"]);
        assert_eq!(packages.packages, ["bus", "jobs"]);
        assert!(packages.is_plain() && !packages.needs_programs());
        assert!(!of(&["-p", "bus", "outbox"]).is_plain());
        assert!(of(&["-p", "e2e"]).needs_programs() && of(&["-p", "crm"]).names("crm"));
    }
}
