//! Runs the simulator until it is interrupted.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use telegram_sim::{BotSpec, Limits, Options, Simulator};

/// A Bot API server with a chat page, for development and tests.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Address of the Bot API, the control API and the chat page.
    #[arg(long, env = "SIM_LISTEN", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// A bot that exists, as name=123456:TOKEN. May be given several times.
    #[arg(long = "bot", required = true)]
    bots: Vec<BotSpec>,
    /// Keeps no messages, files or calls: for benchmarks.
    #[arg(long)]
    lean: bool,
    /// Every chat id exists.
    #[arg(long)]
    any_chat: bool,
    /// Takes messages at any pace.
    #[arg(long)]
    no_limits: bool,
    /// Starts without people and groups.
    #[arg(long)]
    empty: bool,
    /// Webhooks may be plain HTTP on other machines too.
    #[arg(long)]
    http_webhooks: bool,
    /// Calls kept in the log.
    #[arg(long)]
    call_log: Option<usize>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let level = tracing_subscriber::EnvFilter::new("info");
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).init();
    let options = Options {
        listen: args.listen,
        bots: args.bots,
        limits: if args.no_limits { Limits::off() } else { Limits::default() },
        lean: args.lean,
        any_chat: args.any_chat,
        demo: !args.empty && !args.lean,
        http_webhooks: args.http_webhooks,
        call_log: args.call_log,
        ..Options::default()
    };
    let running = match Simulator::start(options).await {
        Ok(running) => running,
        Err(error) => {
            tracing::error!("{}", classify::chain(&error));
            return ExitCode::FAILURE;
        }
    };
    wait_for_the_end().await;
    running.shutdown().await;
    ExitCode::SUCCESS
}

/// Ctrl-C, or the signal by which a supervisor stops a program.
async fn wait_for_the_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
