//! A mock of model providers that others wrote, for one test.

use std::fs;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::OrPanic;
use crate::private::tools;

/// It ends with its value, and with the process that started it.
#[derive(Debug)]
pub struct Aimock {
    /// `http://127.0.0.1:<port>`
    pub url: String,
    _process: Child,
    _folder: TempDir,
}

/// Starts one that answers by these fixtures, a JSON text in its own format, and refuses everything else.
pub async fn aimock(fixtures: &str) -> Aimock {
    let tools = tokio::task::spawn_blocking(|| tools()?.aimock());
    let tools = tools.await.or_panic("fetch aimock").or_panic("fetch aimock");
    let folder = tempfile::tempdir().or_panic("make a folder");
    let file = folder.path().join("fixtures.json");
    fs::write(&file, fixtures).or_panic("write the fixtures");
    let mut process = Command::new(&tools.node)
        .arg(&tools.script)
        .args(["--port", "0", "--strict", "--validate-on-load", "--fixtures"])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .or_panic("start aimock");
    let mut said = String::new();
    let mut lines =
        BufReader::new(process.stdout.take().unwrap_or_else(|| unreachable!("it is piped"))).lines();
    let url = loop {
        let Some(line) = lines.next_line().await.or_panic("read what aimock says") else {
            panic!("aimock ended at its start: {said}");
        };
        if let Some((_, url)) = line.split_once("listening on ") {
            break url.trim().to_owned();
        }
        said.push_str(&line);
    };
    // Nobody reads on, and a full pipe would stop it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Aimock { url, _process: process, _folder: folder }
}
