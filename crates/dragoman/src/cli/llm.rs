//! The models: `dragoman llm`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Source;

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman llm check                                      does every key of every provider work, and how fast
  dragoman llm check --provider deepseek --json           one provider, for a program
  dragoman llm bench                                      every model ten times
  dragoman llm bench -m openai/gpt-5-mini -m ollama/qwen3 --runs 30 --at-once 3
  dragoman llm eval dev2production                        the bot's cases against their scripts, offline
  dragoman llm eval dev2production -m openai/gpt-5-mini   the same cases, answered by a real model")]
pub(crate) enum Llm {
    /// Asks every model a small question with the first key of its provider, and one model with every other key.
    /// Ends with 1 where one of them fails. Each question costs a few tokens.
    #[command(after_help = "Examples:
  dragoman llm check
  dragoman llm check --provider deepseek --json | jq 'select(.error)'")]
    Check {
        /// Only this provider of the settings.
        #[arg(long)]
        provider: Option<String>,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Compares models: time to the first token and to the last, tokens a second, and cost.
    #[command(after_help = "Examples:
  dragoman llm bench
  dragoman llm bench -m openai/gpt-5-mini -m ollama/qwen3 --runs 30 --at-once 3
  dragoman llm bench --prompt 'Explain JetStream in 100 words.' --max-tokens 300 --json")]
    Bench {
        /// `provider/model`, as in the settings; may be repeated. Without it: all of them.
        #[arg(short, long = "model", value_name = "MODEL")]
        models: Vec<String>,
        /// How often each is asked.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
        runs: u16,
        /// How many questions are under way at a time.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
        at_once: u16,
        /// What is asked.
        #[arg(long, default_value = "Write five sentences about the sea.")]
        prompt: String,
        /// Tokens of an answer at most.
        #[arg(long, default_value_t = 200)]
        max_tokens: u32,
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Puts the cases of a bot's eval/model/ to a provider that plays their scripts, or to real models, and compares with
    /// the baseline beside them. Ends with 1 where anything got worse. Needs the database of the model worker; nobody is
    /// answered, and nothing is booked.
    #[command(after_help = "Examples:
  dragoman llm eval dev2production                        offline: no key, no cost
  dragoman llm eval dev2production --only adversarial     the cases whose name, file, category or attack says so
  dragoman llm eval dev2production -m openai/gpt-5-mini -m deepseek/deepseek-v4-flash --runs 3
  dragoman llm eval dev2production --save-baseline        what is now is what is measured against
  dragoman llm eval ./bots/mine --json | jq 'select(.faults | length > 0)'")]
    Eval(ModelEval),
}

#[derive(Debug, Args)]
pub(crate) struct ModelEval {
    /// The bot's name below bots/, or its folder.
    pub(crate) suite: PathBuf,
    /// `provider/model`, as in the settings; may be repeated. Without it: the scripts of the cases.
    #[arg(short, long = "model", value_name = "MODEL")]
    pub(crate) models: Vec<String>,
    /// How often each model is asked each case.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) runs: u16,
    /// How many cases are under way at a time.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) at_once: u16,
    /// Only cases whose name, file, category or attack holds this; `…` stands for anything.
    #[arg(long, value_name = "WORDS")]
    pub(crate) only: Option<String>,
    /// By how many percent the cost may grow before it is a regression.
    #[arg(long, default_value_t = 10, value_name = "PERCENT")]
    pub(crate) cost_margin: u32,
    /// The same of the time that a model takes.
    #[arg(long, default_value_t = 50, value_name = "PERCENT")]
    pub(crate) latency_margin: u32,
    /// Writes what was measured into eval/model/baseline.json, whatever it is.
    #[arg(long)]
    pub(crate) save_baseline: bool,
    /// For programs: one JSON object a line, a case each, and one for each regression.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}
