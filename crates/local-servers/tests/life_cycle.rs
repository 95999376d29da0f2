//! The servers really start and stop, and none outlives its owner.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use local_servers::{Nats, NatsOptions, Postgres, PostgresOptions, TOOLS_VARIABLE, Tools};
use tempfile::TempDir;

fn tools_folder() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    std::env::var_os(TOOLS_VARIABLE).map_or_else(|| root.join(".dragoman/tools"), PathBuf::from)
}

fn tools() -> Tools {
    Tools::at(tools_folder()).unwrap()
}

/// Where the user that Postgres runs as may enter.
fn folder() -> TempDir {
    let open = fs::Permissions::from_mode(0o755);
    tempfile::Builder::new().permissions(open).tempdir().unwrap()
}

/// Another process that owns a pair of servers in `folder`; returns it with their ports.
fn owner(folder: &Path) -> (Child, Vec<u16>) {
    let mut owner = Command::new(env!("CARGO_BIN_EXE_local-servers"))
        .args([&tools_folder(), folder])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines().take(2);
    let ports = lines
        .map(|line| line.unwrap().rsplit(':').next().unwrap().split('/').next().unwrap().parse().unwrap());
    let ports = ports.collect();
    (owner, ports)
}

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "not within 20 s: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn servers_start_again_on_what_they_had_and_leave_nothing_behind() {
    let folder = folder();
    let tools = tools();
    for _ in 0..2 {
        let postgres =
            Postgres::start(&tools.postgres().unwrap(), &PostgresOptions::new(folder.path().join("p")));
        let nats = Nats::start(&tools.nats().unwrap(), &NatsOptions::new(folder.path().join("n")));
        let (postgres, nats) = (postgres.unwrap(), nats.unwrap());
        let ports = [postgres.port(), nats.port()];
        assert!(ports.into_iter().all(listens));
        assert!(local_servers::nats_is_new_enough(nats.version()));
        postgres.stop().unwrap();
        nats.stop().unwrap();
        assert!(!ports.into_iter().any(listens));
        assert!(!folder.path().join("p/data/postmaster.pid").exists(), "not a clean end");
    }
}

#[test]
fn servers_end_with_an_owner_that_was_killed() {
    let folder = folder();
    let (mut owner, ports) = owner(folder.path());
    assert!(ports.iter().all(|port| listens(*port)));
    owner.kill().unwrap();
    owner.wait().unwrap();
    wait_until("both servers ended", || !ports.iter().any(|port| listens(*port)));
    // Stopped in order by the watchdog, not torn down.
    wait_until("a clean end", || !folder.path().join("postgres/data/postmaster.pid").exists());
}

#[test]
fn a_server_left_by_a_killed_owner_is_stopped_by_the_next_start() {
    let folder = folder();
    let (mut owner, ports) = owner(folder.path());
    // The watchdogs first, so that the servers really stay.
    let children =
        fs::read_dir("/proc").into_iter().flatten().filter_map(|e| e.ok()?.file_name().into_string().ok());
    let marker = folder.path().to_str().unwrap();
    for pid in children.filter(|pid| pid.parse::<u32>().is_ok()) {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.starts_with("sh\0-c\0") && line.contains(marker) {
            assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
        }
    }
    owner.kill().unwrap();
    owner.wait().unwrap();
    let postgres =
        Postgres::start(&tools().postgres().unwrap(), &PostgresOptions::new(folder.path().join("postgres")));
    let nats = Nats::start(&tools().nats().unwrap(), &NatsOptions::new(folder.path().join("nats")));
    let now = [postgres.as_ref().unwrap().port(), nats.as_ref().unwrap().port()];
    assert!(ports.iter().all(|port| now.contains(port) || !listens(*port)), "an old server still listens");
}

#[test]
fn a_killed_server_recovers() {
    let folder = folder();
    let tools = tools().postgres().unwrap();
    let options = PostgresOptions::new(folder.path());
    Postgres::start(&tools, &options).unwrap().kill();
    Postgres::start(&tools, &options).unwrap().stop().unwrap();
}

#[test]
fn a_folder_or_port_in_use_is_refused_with_a_sentence() {
    let folder = folder();
    let tools = tools().nats().unwrap();
    let options = NatsOptions::new(folder.path());
    let first = Nats::start(&tools, &options).unwrap();
    let refused = Nats::start(&tools, &options).unwrap_err().to_string();
    assert!(refused.starts_with("another run holds /"), "{refused}");
    drop(first);

    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let options = NatsOptions { port: Some(port), port_setting: "NATS_PORT", ..options };
    let refused = Nats::start(&tools, &options).unwrap_err().to_string();
    assert!(refused.starts_with(&format!("port {port} on 127.0.0.1 is taken")), "{refused}");
    assert!(refused.contains("NATS_PORT"), "{refused}");
}

/// What NATS answers to somebody who introduces himself so.
fn nats_says(address: &str, connect: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "CONNECT {connect}\r\nPING\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().starts_with("INFO "));
    lines.next().unwrap()
}

#[test]
fn nats_serves_only_who_has_its_password_and_shows_that_to_nobody() {
    let folder = folder();
    let tools = tools().nats().unwrap();
    let nats = Nats::start(&tools, &NatsOptions::new(folder.path())).unwrap();
    let (user, password) = nats.login();
    let password = password.expose();
    for stranger in ["{}".to_owned(), format!(r#"{{"user":"{user}","pass":"guess"}}"#)] {
        assert_eq!(nats_says(&nats.address(), &stranger), "-ERR 'Authorization Violation'");
    }
    let ours = format!(r#"{{"user":"{user}","pass":"{password}","verbose":false}}"#);
    assert_eq!(nats_says(&nats.address(), &ours), "PONG");
    assert_eq!(nats.url().expose(), format!("nats://{user}:{password}@{}", nats.address()));

    assert!(!format!("{nats:?}").contains(password));
    // Only Linux shows them there.
    for shown in ["cmdline", "environ"] {
        let shown = fs::read(format!("/proc/{}/{shown}", nats.process().pid())).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&shown).contains(password));
    }
    assert!(!fs::read_to_string(nats.process().log()).unwrap().contains(password));
    for kept in ["password", "nats.conf"] {
        let mode = fs::metadata(folder.path().join(kept)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{kept}");
    }

    // The next start has the same, so that an address which somebody kept stays good.
    let kept = nats.login().1;
    nats.stop().unwrap();
    let again = Nats::start(&tools, &NatsOptions::new(folder.path())).unwrap();
    assert!(again.login().1.matches(kept.expose().as_bytes()));
}
