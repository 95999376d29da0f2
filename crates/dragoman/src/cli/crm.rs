//! The CRMs: `dragoman crm`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Source;

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman crm check                         can every account be called, and does its mapping fit
  dragoman crm schema sales                  the fields, pipelines and people of an account, with their ids
  dragoman crm dry-run sales                 what a lead would become there; nothing is written
  dragoman crm hook sales --show             how the CRM is told to tell what becomes of deals
  dragoman crm redrive sales --since 24h     what was given up since yesterday is delivered after all
  dragoman crm endpoints                     how the endpoints of signed webhooks fare, and what waits for each
  dragoman crm enable first                  an endpoint that was disabled is called again
  dragoman crm alerts test                   does an alert reach everybody whom the settings name")]
pub(crate) enum Crm {
    /// Asks every account for its fields and holds the mapping against them. Ends with 1 where something is wrong.
    #[command(after_help = "Examples:
  dragoman crm check
  dragoman crm check sales --json | jq .problems")]
    Check {
        /// Only this account of the settings.
        account: Option<String>,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// What can be filled in at an account: fields, pipelines with their stages, people.
    #[command(after_help = "Examples:
  dragoman crm schema sales
  dragoman crm schema sales --json | jq '.deal_fields[] | select(.kind == \"choice\")'")]
    Schema {
        account: String,
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Shows what a lead would become at an account, and writes nothing there.
    #[command(after_help = "Examples:
  dragoman crm dry-run sales
  dragoman crm dry-run sales --lead 01a0f6c2-1f0e-7000-8000-000000000000")]
    DryRun {
        account: String,
        /// A lead that was on its way to this account. Without it: an example.
        #[arg(long)]
        lead: Option<String>,
        #[command(flatten)]
        source: Source,
    },
    /// Connects an account whose integration renews its tokens (`oauth`): says where to consent, or takes the code that the
    /// consent gave. A code is good for minutes (Bitrix24: 30 seconds), and once.
    #[command(after_help = "Examples:
  dragoman crm connect sales
  dragoman crm connect sales --code-file code.txt")]
    Connect {
        account: String,
        /// The code that the consent gave, from a file, so that it stands in no process list; `-` reads it from the input.
        #[arg(long, value_name = "FILE")]
        code_file: Option<PathBuf>,
        #[command(flatten)]
        source: Source,
    },
    /// Says where at the CRM to enter which address, so that it tells what becomes of deals.
    #[command(after_help = "Examples:
  dragoman crm hook sales
  dragoman crm hook sales --show                       the address as it is entered, with its secret
  dragoman crm hook sales --show --json | jq -r .address")]
    Hook {
        account: String,
        /// With the secret in the address, to copy. Whoever has it can tell us that deals have moved.
        #[arg(long)]
        show: bool,
        /// For programs: one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Delivers what was given up for an account or an endpoint, in its order, and lets it be called at once.
    #[command(after_help = "Examples:
  dragoman crm redrive sales --since 24h
  dragoman crm redrive webhook --since 2026-11-01T00:00:00Z
  dragoman crm redrive sales --lead 01a0f6c2-1f0e-7000-8000-000000000000")]
    Redrive {
        /// The name of the account or the endpoint in the settings.
        name: String,
        /// Given up since: a time (RFC 3339), or how long ago (`30m`, `24h`, `7d`).
        #[arg(long, required_unless_present = "lead")]
        since: Option<String>,
        /// One lead, also one that was delivered and that the CRM has no more. What is still there is not made again.
        #[arg(long, conflicts_with = "since")]
        lead: Option<String>,
        #[command(flatten)]
        source: Source,
    },
    /// Compares what was delivered in the last days with what the CRMs have, and says what is on one side only. Nothing is
    /// changed there. Ends with 1 where something is missing.
    #[command(after_help = "Examples:
  dragoman crm reconcile
  dragoman crm reconcile sales --last --json | jq .differences")]
    Reconcile {
        /// Only this account of the settings.
        account: Option<String>,
        /// What the last comparison found; nothing is asked now.
        #[arg(long)]
        last: bool,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// How the endpoints of signed webhooks fare: whether each is called, since when it fails and why, how much waits for it.
    #[command(after_help = "Examples:
  dragoman crm endpoints
  dragoman crm endpoints --json | jq 'select(.state != \"ok\")'")]
    Endpoints {
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Lets an endpoint be called again that was disabled (it answered 410, or failed for five days), and delivers what was
    /// given up meanwhile.
    #[command(after_help = "Examples:
  dragoman crm enable first")]
    Enable {
        /// The name of the endpoint in the settings.
        name: String,
        #[command(flatten)]
        source: Source,
    },
    /// Who is told of trouble ([[crm.alerts]]).
    #[command(subcommand)]
    Alerts(Alerts),
}

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman crm alerts test         an example to everybody
  dragoman crm alerts test desk    to one of them")]
pub(crate) enum Alerts {
    /// Sends an example to every receiver, or to one. Ends with 1 where one was not reached.
    #[command(after_help = "Examples:
  dragoman crm alerts test
  dragoman crm alerts test desk")]
    Test {
        /// Only this receiver of the settings.
        name: Option<String>,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
}
