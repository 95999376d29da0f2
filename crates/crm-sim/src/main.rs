//! Serves a CRM on this machine until it is interrupted.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use crm_sim::program::{Call, Form, Kind};

/// A CRM to try leads with, on this machine and without an account: as strict as the real one, empty at each start.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:
  crm-sim hubspot                                      serves it, and prints the settings to paste
  eval \"$(crm-sim hubspot --settings env)\"             the same settings for what is started in this shell
  curl http://127.0.0.1:8082/                          the deals, with how to move each
  curl -X POST http://127.0.0.1:8082/deals/ID/won      a manager wins one, and the webhook is told
  crm-sim bitrix24 --name desk --hook http://127.0.0.1:9000/crm/desk
  crm-sim bitrix24 --json | jq 'select(.what == \"deal\").name'"
)]
struct Args {
    /// Which CRM (amocrm stands for Kommo too).
    kind: Kind,
    /// Address of its API and of the page with its deals.
    #[arg(long, env = "CRM_SIM_LISTEN", default_value = "127.0.0.1:8082")]
    listen: SocketAddr,
    /// The account's name in the settings of Dragoman.
    #[arg(long, default_value = "sales")]
    name: String,
    /// Where changes are told, signed as the CRM signs: what `dragoman crm hook sales --show` prints. Without it: where
    /// `make run` takes them, http://127.0.0.1:8080/crm/<name>.
    #[arg(long, value_name = "URL")]
    hook: Option<String>,
    /// Only prints the settings that make it an account, and ends.
    #[arg(long, value_name = "FORM")]
    settings: Option<Form>,
    /// For programs: what happens, as one JSON object a line.
    #[arg(long, conflicts_with = "settings")]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Args { kind, listen, name, hook, settings, json } = Args::parse();
    let call = Call { kind, listen, name, hook, json };
    let ended = match settings {
        Some(form) => call.settings(form).map(|settings| said(std::io::stdout(), &settings)),
        None => call.serve().await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            said(std::io::stderr(), &format!("crm-sim: {why}\n"));
            ExitCode::FAILURE
        }
    }
}

fn said(mut to: impl std::io::Write, text: &str) {
    // Whoever has stopped reading wants no more of it.
    let _ = to.write_all(text.as_bytes());
}
