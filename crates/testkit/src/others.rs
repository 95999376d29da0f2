//! Programs that others wrote and that judge what we do.

use std::ffi::OsStr;
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::OrPanic;
use crate::private::tools;

/// What a program made of its input.
#[derive(Debug)]
pub struct Judged {
    pub is_well: bool,
    pub said: String,
}

/// Runs a script in Python that has the standard's own library of signed webhooks (`import standardwebhooks`).
pub async fn standardwebhooks(script: &str, input: &str) -> Judged {
    let packages = tokio::task::spawn_blocking(|| tools()?.standardwebhooks());
    let packages = packages.await.or_panic("fetch standardwebhooks").or_panic("fetch standardwebhooks");
    let mut python = Command::new("python3");
    python.args(["-c", script]).env("PYTHONPATH", packages);
    judged(python, input).await
}

/// Runs a script in Node.
pub async fn node(script: &str, input: &str) -> Judged {
    let program = tokio::task::spawn_blocking(|| tools()?.node_program());
    let program = program.await.or_panic("fetch node").or_panic("fetch node");
    let mut node = Command::new(program);
    node.args([OsStr::new("--input-type=commonjs"), OsStr::new("-e"), OsStr::new(script)]);
    judged(node, input).await
}

async fn judged(mut command: Command, input: &str) -> Judged {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut running = command.spawn().or_panic("start a program that judges");
    let mut given = running.stdin.take().unwrap_or_else(|| unreachable!("it is piped"));
    given.write_all(input.as_bytes()).await.or_panic("tell what is to be judged");
    drop(given);
    let output = running.wait_with_output().await.or_panic("hear what was judged");
    let said = [output.stdout, output.stderr].concat();
    Judged { is_well: output.status.success(), said: String::from_utf8_lossy(&said).trim().to_owned() }
}
