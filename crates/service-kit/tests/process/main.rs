//! A process with a role, seen from outside.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

mod signals;
mod toy;

use std::time::Duration;

use classify::{Class, Failure};
use ids::Secret;
use reqwest::Method;
use rpc::analytics::ReportRequest;
use rpc::analytics::kpi_client::KpiClient;
use rpc::{Bearer, Channel};
use service_kit::{OnError, StartError, Task, class_of_code};
use toy::{Toy, client, get_page, servers, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_role_serves_publishes_consumes_and_stops() {
    let servers = servers().await;
    let toy = Toy::default();
    let process = start(&toy, &servers.settings()).await.unwrap();

    assert_eq!(get_page(&process, "/toy/7").await, (200, "\"hello 7\"".to_owned()));
    assert_eq!(get_page(&process, "/health/live").await.0, 200);
    let (status, page) = get_page(&process, "/health/ready").await;
    assert_eq!(status, 200, "{page}");
    assert_eq!(
        page,
        r#"{"status":"ready","checks":[{"role":"crm","check":"postgres","ok":true},{"role":"crm","check":"nats","ok":true},{"role":"crm","check":"mood","ok":true}]}"#
    );

    let (status, problem) = get_page(&process, "/nowhere").await;
    assert_eq!((status, problem.contains("urn:dragoman:problem:not_found")), (404, true));
    assert_eq!(get_page(&process, "/toy/x").await.0, 404);
    let client = client();
    let ask =
        |method: Method, path: &str| client.request(method, format!("http://{}{path}", process.address()));
    assert_eq!(ask(Method::DELETE, "/toy/7").send().await.unwrap().status(), 405);

    // gRPC is for those who know the internal token, on the same port.
    let report = async |token: &str, from_ms: i64| {
        let channel = Channel::from_shared(format!("http://{}", process.address())).unwrap().connect_lazy();
        let mut client = KpiClient::with_interceptor(channel, Bearer::new(&Secret::new(token)));
        let answer = client.report(ReportRequest { from_ms, to_ms: 1, bot: String::new() }).await;
        answer.map(|response| response.into_inner().updates).map_err(|status| class_of_code(status.code()))
    };
    assert_eq!(report("inner", 0).await, Ok(7));
    assert_eq!(report("inner", 2).await, Err(Class::Invalid));
    assert_eq!(report("outer", 0).await, Err(Class::Denied));
    assert_eq!(report("", 0).await, Err(Class::Denied));

    // From the endpoint through the outbox and the bus to the handler, on the trace of the request.
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let sent = ask(Method::POST, "/toy/publish").header("traceparent", trace).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    tokio::time::timeout(Duration::from_secs(10), toy.seen.arrived.notified()).await.unwrap();
    let delivered = toy.seen.deliveries.lock().unwrap().clone();
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].trail.trace.to_string(), trace);

    // Counted and looked at when the role starts, which may be now.
    let limit = format!("dragoman_stream_limit_bytes{{service=\"crm\"}} {}\n", bus::MAX_STREAM_BYTES);
    let there =
        [r#"dragoman_dead_letters{service="crm"} 0"#, r#"dragoman_stream_bytes{service="crm"} "#, &limit];
    let counted = async {
        loop {
            let (_, page) = get_page(&process, "/metrics").await;
            if there.iter().all(|line| page.contains(line)) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), counted).await.unwrap();
    let (_, metrics) = get_page(&process, "/metrics").await;
    for line in [
        r#"dragoman_http_requests_total{role="crm",route="/toy/{n}",method="GET",status="200"} 1"#,
        r#"dragoman_outbox_published_total{service="crm"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    process.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_finished_before_the_process_ends() {
    let servers = servers().await;
    let toy = Toy::default();
    let process = start(&toy, &servers.settings()).await.unwrap();
    let address = process.address();
    let asked = tokio::spawn(async move {
        client().get(format!("http://{address}/slow")).send().await.unwrap().text().await.unwrap()
    });
    toy.seen.entered.notified().await;
    let release = toy.seen.release.clone();
    let (ended, ()) = tokio::join!(process.shutdown(), async {
        // New connections are refused as soon as the process has been asked to stop.
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        release.notify_one();
    });
    ended.unwrap();
    assert_eq!(asked.await.unwrap(), "at last");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_within_the_grace_is_cut_off() {
    let servers = servers().await;
    let toy = Toy { task: Some(Task::new("deaf", |_| std::future::pending())), ..Toy::default() };
    let settings = servers.settings().with(&["server", "shutdown_grace_seconds"], 0, "test");
    let process = start(&toy, &settings).await.unwrap();
    let error = process.shutdown().await.unwrap_err();
    assert_eq!(error.sentence(), "the work in hand did not end within 0 s and was cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_the_process_needs_ends_it() {
    let servers = servers().await;
    let fails = |_| async { Err(Failure::new(Class::Permanent, "broken")) };
    let toy = Toy { task: Some(Task::new("heart", fails).on_error(OnError::Shutdown)), ..Toy::default() };
    let process = start(&toy, &servers.settings()).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), process.failed()).await.unwrap();
    let error = process.shutdown().await.unwrap_err();
    assert_eq!(error.sentence(), "the process stopped because heart of crm failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_follows_the_servers() {
    let mut servers = servers().await;
    let toy = Toy::default();
    let process = start(&toy, &servers.settings()).await.unwrap();
    servers.nats.stop().await;
    let ready = async |wanted: u16| loop {
        let (status, page) = get_page(&process, "/health/ready").await;
        if status == wanted {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let limit = Duration::from_secs(20);
    let page = tokio::time::timeout(limit, ready(503)).await.unwrap();
    assert!(page.contains(r#"{"role":"crm","check":"nats","ok":false,"class":"unavailable"}"#), "{page}");
    assert_eq!(get_page(&process, "/health/live").await.0, 200);
    servers.nats.start().await;
    tokio::time::timeout(limit, ready(200)).await.unwrap();
    process.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_fails_says_what_to_do() {
    let servers = servers().await;
    let settings = servers.settings();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap();
    let toy = Toy::default();
    let mut told = Vec::new();
    for (path, value) in [
        (["crm", "database_url"], ""),
        (["crm", "database_url"], "nonsense"),
        (["crm", "database_url"], "postgres://a:hunter2@127.0.0.1:1/b"),
        (["crm", "greeting"], "forbidden"),
        (["crm", "greting"], "hi"),
        (["crn", "greeting"], "hi"),
        (["nats", "url"], "nats://127.0.0.1:1"),
        (["server", "listen"], &port.to_string()),
        (["log", "format"], "xml"),
    ] {
        let error = start(&toy, &settings.with(&path, value, "the test")).await.unwrap_err();
        told.push(error.sentence().replace(&port.to_string(), "127.0.0.1:PORT"));
    }
    let twice = service_kit::check_settings(&[&toy, &toy], &settings).unwrap_err();
    assert!(matches!(twice, StartError::RoleTwice("crm")));
    let text = told.join("\n");
    assert!(!text.contains("hunter2"));
    insta::assert_snapshot!(text);
}
