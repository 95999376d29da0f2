//! `dragoman up` as a newcomer meets it, and what it says where it can not start.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

use e2e::{Api, BOT, Child, Person, free_port, processes_naming, program};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::place::{Place, Up};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_starts_it_tries_it_stops_it_and_starts_it_again() {
    let place = Place::new();
    let (first, said) = place.up().await;
    for secret in [".dragoman/nats/password", ".dragoman/postgres/password"] {
        let kept = place.folder.path().join(secret);
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600, "{secret}");
        assert!(!said.contains(fs::read_to_string(&kept).unwrap().trim()), "{secret} is told");
    }
    assert!(first.token.is_some(), "the first start tells the admin token");
    let token = fs::read_to_string(place.folder.path().join(".dragoman/admin-token")).unwrap();
    assert_eq!(first.token.as_deref(), Some(token.as_str()));
    the_bot_presents_itself(&first).await;
    somebody_is_answered(&first, &token).await;
    the_operators_commands_find_it(&place).await;
    place.interrupt(first.process).await;

    let began = Instant::now();
    let (second, said) = place.up().await;
    println!("the second start took {:?}", began.elapsed());
    assert!(began.elapsed().as_secs() < 10, "the second start took {:?}", began.elapsed());
    assert!(second.token.is_none(), "only the first start tells the admin token: {said}");
    assert_eq!(
        Api::new(second.api.clone(), &token).kpi().await.count("/conversations"),
        1,
        "what was is still there"
    );
    place.interrupt(second.process).await;
}

#[tokio::test]
async fn where_it_can_not_start_it_says_in_a_sentence_what_to_do() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let sentence = place.refuses(&[("GATEWAY_LISTEN", &address)]).await;
    assert!(sentence.contains(&address) && sentence.contains("GATEWAY_LISTEN"), "{sentence}");
    let sentence = place.refuses(&[("SIM_LISTEN", &address)]).await;
    assert!(sentence.contains(&address) && sentence.contains("SIM_LISTEN"), "{sentence}");
    let sentence = place.refuses(&[("GATEWAY_LISTEN", "8080")]).await;
    assert!(sentence.contains("GATEWAY_LISTEN is \"8080\"; write an address and a port"), "{sentence}");
    let crm = ("CRM_WEBHOOK_URL", "http://127.0.0.1:9/leads");
    let sentence = place.refuses(&[crm]).await;
    assert!(sentence.contains("set CRM_WEBHOOK_SECRET (whsec_…) too"), "{sentence}");
    let sentence = place.refuses(&[crm, ("CRM_WEBHOOK_SECRET", "hunter2")]).await;
    assert!(sentence.contains("whsec_") && !sentence.contains("hunter2"), "{sentence}");
    let sentence = place.refuses(&[("LLM_BASE_URL", "http://127.0.0.1:9/v1")]).await;
    assert_eq!(sentence, "dragoman: LLM_BASE_URL is set; set LLM_MODEL too");
    let token = ("TELEGRAM_BOT_TOKEN", "1:hunter2");
    let sentence = place.refuses(&[token, ("PUBLIC_URL", "http://bot.example")]).await;
    assert_eq!(sentence, "dragoman: PUBLIC_URL has to begin with https://, for Telegram calls nothing else");
    let sentence = place.refuses(&[("DATABASE_URL", "db.example:hunter2")]).await;
    let form = "postgres://user:password@host:port/database";
    assert_eq!(sentence, format!("dragoman: DATABASE_URL is not an address ({form})"));
    let silent = format!("127.0.0.1:{}", free_port());
    let sentence = place.refuses(&[("DATABASE_URL", &format!("postgres://a:hunter2@{silent}/d"))]).await;
    let expected = format!("dragoman: Postgres at {silent} does not answer (DATABASE_URL)");
    assert!(sentence.starts_with(&expected) && !sentence.contains("hunter2"), "{sentence}");
    let postgres = testkit::postgres_server().await;
    let (_, at) = postgres.url().expose().rsplit_once('@').unwrap();
    let sentence = place.refuses(&[("DATABASE_URL", &format!("postgres://postgres:hunter2@{at}"))]).await;
    assert!(
        sentence.contains("refused to prepare the schema of gateway; is DATABASE_URL right"),
        "{sentence}"
    );
    assert!(!sentence.contains("hunter2"), "{sentence}");
    assert_eq!(processes_naming(place.folder.path()), [], "nothing is left running");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_server_that_it_started_ends_it_and_says_where_to_look() {
    let place = Place::new();
    for (server, folder, pid_file) in
        [("NATS", "nats", "pid"), ("Postgres", "postgres", "data/postmaster.pid")]
    {
        let (up, _) = place.up().await;
        let folder = Path::new(".dragoman").join(folder);
        let pid = fs::read_to_string(place.folder.path().join(&folder).join(pid_file)).unwrap();
        let pid = pid.lines().next().and_then(|line| line.trim().parse().ok()).and_then(Pid::from_raw);
        let began = Instant::now();
        kill_process(pid.unwrap(), Signal::KILL).unwrap();
        assert!(!up.process.end().await.success());
        assert!(began.elapsed().as_secs() < 15, "it took {:?} to notice", began.elapsed());
        let said = fs::read_to_string(place.folder.path().join("up.log")).unwrap();
        let log = folder.join("log");
        let sentence =
            format!("dragoman: {server} has ended by itself; its last words are in {}", log.display());
        assert_eq!(said.lines().last(), Some(sentence.as_str()), "{said}");
        assert!(place.folder.path().join(log).is_file());
        place.nothing_is_left().await;
    }
}

#[tokio::test]
async fn a_settings_file_is_checked_before_it_matters() {
    let folder = tempfile::tempdir().unwrap();
    let check = async |text: &str| {
        fs::write(folder.path().join("dragoman.toml"), text).unwrap();
        e2e::command(folder.path(), &["config", "check"], &[]).await
    };
    let sentence = check("[server]\nlisten = \"127.0.0.1:8080\"\nport = 8080\n").await.sentence();
    assert!(sentence.contains("dragoman.toml") && sentence.contains("port"), "{sentence}");
    let sentence = check("[gatway]\nadmin_token = \"x\"\n").await.sentence();
    assert!(sentence.contains("gatway"), "{sentence}");
    fs::remove_file(folder.path().join("dragoman.toml")).unwrap();
    let said = e2e::command(folder.path(), &["config", "check"], &[]).await.out;
    assert!(said.starts_with("there is no settings file: only the environment and the defaults"), "{said}");
    let sentence = check("[server\n").await.sentence();
    assert!(sentence.contains("dragoman.toml"), "{sentence}");
}

/// What is seen of it before anything is said.
async fn the_bot_presents_itself(up: &Up) {
    for (language, words) in [("en", "I answer questions"), ("ru", "Отвечаю на вопросы")] {
        let seen = Person::new(&up.chat_page, "Igor", language).await.bots().await;
        assert_eq!((seen.len(), &seen[0]["user"]["first_name"]), (1, &Value::from("DevBot")));
        assert!(seen[0]["description"].as_str().unwrap().starts_with(words), "{seen:?}");
    }
}

async fn somebody_is_answered(up: &Up, token: &str) {
    let eva = Person::new(&up.chat_page, "Eva", "en").await;
    eva.writes("/start").await;
    eva.hears("Hi, Eva. I am DevBot").await;
    let api = Api::new(up.api.clone(), token);
    api.kpi_when("the conversation", |kpi| kpi.count("/conversations") == 1).await;
    assert!(api.text("/health/ready").await.contains("ok"));
    assert!(api.text("/metrics").await.contains("dragoman_updates_received_total"));
}

async fn the_operators_commands_find_it(place: &Place) {
    let dragoman = async |args: &[&str]| place.dragoman(args).await;
    assert_eq!(dragoman(&["dead-letters", "list"]).await.fine().trim(), "there are no dead letters");
    let checked = dragoman(&["config", "check"]).await.fine();
    assert_eq!(checked, "read .dragoman/dragoman.toml and the environment\nthe settings are fine\n");
    let event = tail(place.folder.path(), &["events", "tail", "bot", "--from-start", "--json"]).await;
    assert!(event["id"].is_string() && event["key"].as_str().unwrap().starts_with(BOT), "{event}");
}

/// The first line of a command that goes on for ever.
async fn tail(folder: &Path, args: &[&str]) -> Value {
    let mut process = Child::start(&program("dragoman"), args, folder, &[], folder.join("tail.log"));
    let first =
        async |tail: &Child| tail.said().lines().next().and_then(|line| serde_json::from_str(line).ok());
    process.until("there is an event", first).await
}
