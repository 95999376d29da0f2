//! The models: `dragoman llm`.

use clap::Subcommand;

use super::Source;

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman llm check                                      does every key of every provider work, and how fast
  dragoman llm check --provider deepseek --json           one provider, for a program
  dragoman llm bench                                      every model ten times
  dragoman llm bench -m openai/gpt-5-mini -m ollama/qwen3 --runs 30 --at-once 3")]
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
}
