//! `dragoman up`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
#[command(
    after_help = "Everything is kept in .dragoman of the folder in which it is started; in another folder it is another
installation. Bots are looked for in bots/. Settings of your own stand in dragoman.toml, laid over what it says itself.

Variables:
  GATEWAY_LISTEN, SIM_LISTEN              the API's address (127.0.0.1:8080) and the chat page's (127.0.0.1:8081)
  DATABASE_URL, NATS_URL                  your own Postgres and NATS instead of those it starts
  TELEGRAM_BOT_TOKEN                      the real bot instead of the chat page; PUBLIC_URL: by webhook
  TELEGRAM_API_BASE                       another Bot API server
  LLM_BASE_URL, LLM_MODEL, LLM_API_KEY    any OpenAI-compatible model
  CRM_WEBHOOK_URL, CRM_WEBHOOK_SECRET     where leads go
  DRAGOMAN__SECTION__KEY                  every other setting (docs/CONFIGURATION.md)

Examples:
  dragoman up
  dragoman up -c shop.toml                                    settings of your own from another file
  SIM_LISTEN=127.0.0.1:9081 GATEWAY_LISTEN=127.0.0.1:9080 dragoman up
  LLM_BASE_URL=http://127.0.0.1:11434/v1 LLM_MODEL=qwen3 dragoman up"
)]
pub(crate) struct Up {
    /// Settings of your own (TOML), laid over what it says itself; variables go over both. Without it: dragoman.toml here.
    // Not by DRAGOMAN_CONFIG: that names the file of an installation.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}
