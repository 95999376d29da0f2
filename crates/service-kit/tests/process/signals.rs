//! The signal goes to the whole process of the tests, where only this test listens for it.

use std::process::Command;
use std::time::Duration;

use crate::toy::{Toy, client, servers};
use service_kit::{Options, Role, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_the_process_cleanly() {
    let servers = servers().await;
    let (toy, settings) =
        (Toy::default(), servers.settings().with(&["server", "listen"], free_port(), "test"));
    let address: String =
        settings.section::<service_kit::settings::ServerConfig>("server").unwrap().listen.to_string();
    let stop = async {
        while tokio::net::TcpStream::connect(&address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Connecting works before the roles are ready; answering does not.
        client().get(format!("http://{address}/health/live")).send().await.unwrap();
        let sent = Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status().unwrap();
        assert!(sent.success());
    };
    let roles: [&dyn Role; 1] = [&toy];
    let running = async { tokio::join!(run(&roles, &settings, Options::default()), stop).0 };
    tokio::time::timeout(Duration::from_secs(30), running).await.unwrap().unwrap();
}

fn free_port() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
