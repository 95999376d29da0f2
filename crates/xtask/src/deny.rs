//! cargo-deny: licences, banned and doubled crates, sources, and known vulnerabilities. It is built
//! once, at a pinned version, into the target folder.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;

use crate::shell::{Shell, say};

const VERSION: &str = "0.20.2";
/// What needs no database.
const ALWAYS: &[&str] = &["bans", "licenses", "sources"];

pub(crate) fn run(shell: &Shell) -> anyhow::Result<()> {
    let deny = program(shell)?;
    let check = || shell.program(&deny).args(["--locked", "check", "--hide-inclusion-graph"]);
    check().args(ALWAYS).must_succeed()?;
    if !shell.program(&deny).args(["--locked", "fetch", "db"]).succeeds() {
        say("cargo-deny: the database of advisories can not be fetched from here");
        say("cargo-deny: known vulnerabilities were NOT checked");
        return Ok(());
    }
    check().args(["--disable-fetch", "advisories"]).must_succeed()
}

/// Builds the pinned version unless that was done before.
fn program(shell: &Shell) -> anyhow::Result<PathBuf> {
    let tools = shell.target()?.join("tools");
    let home = tools.join(format!("cargo-deny-{VERSION}"));
    let program = home.join("bin/cargo-deny");
    if !program.is_file() {
        say(&format!("building cargo-deny {VERSION}, once: this takes some minutes"));
        let building = tools.join("building");
        shell
            .cargo(["install", "cargo-deny", "--version", VERSION, "--locked", "--quiet", "--root"])
            .args([&home])
            .args(["--target-dir"])
            .args([&building])
            .must_succeed()?;
        fs::remove_dir_all(&building).with_context(|| format!("could not remove {}", building.display()))?;
    }
    Ok(program)
}
