//! `dragoman keys`.

use clap::{Subcommand, ValueEnum};
use ids::SignedDuration;

use super::Source;

#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  dragoman keys create --name shop --model deepseek/deepseek-v4-flash --budget 5 --per day --expires 90d
  dragoman keys create --name reports --model 'openai/*'   every model of one provider
  dragoman keys list                                        what each may do, and when it was used last
  dragoman keys rotate shop --overlap 24h                   another key; the old one opens for a day more
  dragoman keys revoke shop                                 ends it, within seconds")]
pub(crate) enum Keys {
    /// Makes a key for a program that asks POST /v1/chat/completions. It is shown now and never again.
    #[command(after_help = "Examples:
  dragoman keys create --name shop --model deepseek/deepseek-v4-flash --budget 5 --per day
  dragoman keys create --name reports --model 'openai/*' --expires 90d --json | jq -r .key")]
    Create {
        /// Which program it is for.
        #[arg(long)]
        name: String,
        /// A model that it may ask: provider/model, or provider/* for all of a provider. May be given more than once.
        /// Without it: every model.
        #[arg(long = "model", value_name = "MODEL")]
        models: Vec<String>,
        /// US dollars that it may spend, such as 5 or 0.50. Without it: no limit of its own.
        #[arg(long, value_name = "DOLLARS", value_parser = micros)]
        budget: Option<i64>,
        /// For how long the budget is.
        #[arg(long, value_enum, default_value_t = Per::Month)]
        per: Per,
        /// How long it opens: 90d, 12h, 30m. Without it: until it is revoked.
        #[arg(long, value_name = "TIME", value_parser = duration)]
        expires: Option<SignedDuration>,
        /// For programs: a JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Lists keys, the newest first: what each may do, and when it was used last. Never a key itself.
    #[command(after_help = "Examples:
  dragoman keys list
  dragoman keys list --json | jq -r .name")]
    List {
        /// For programs: one JSON object a line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Ends a key. Gateways let it in for some seconds more.
    #[command(after_help = "Examples:
  dragoman keys revoke shop")]
    Revoke {
        /// The key's name or id.
        key: String,
        /// For programs: a JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
    /// Gives a key another secret, with the same name, models and budget. It is shown now and never again.
    #[command(after_help = "Examples:
  dragoman keys rotate shop --overlap 24h
  dragoman keys rotate shop --overlap 0m --force   it has leaked: the old one opens nothing any more")]
    Rotate {
        /// The key's name or id.
        key: String,
        /// How long the old secret opens beside the new one: 24h, 30m, 0m.
        #[arg(long, value_name = "TIME", default_value = "24h", value_parser = duration)]
        overlap: SignedDuration,
        /// Rotates though the secret before the last rotation has time left; that one opens nothing any more.
        #[arg(long)]
        force: bool,
        /// For programs: a JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        source: Source,
    },
}

/// For how long a budget is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Per {
    Day,
    Month,
}

/// Millionths of a US dollar.
fn micros(text: &str) -> Result<i64, String> {
    let dollars: f64 =
        text.trim_start_matches('$').parse().map_err(|_| "write dollars, such as 5 or 0.50")?;
    if (0.0..=1e9).contains(&dollars) {
        Ok((dollars * 1e6).round() as i64)
    } else {
        Err("must be 0 to 1,000,000,000 dollars".to_owned())
    }
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || "write a number with d, h or m behind it, such as 90d".to_owned();
    let (at, unit) = text.char_indices().last().ok_or_else(wrong)?;
    let hours = |number: i64, hours: i64| number.checked_mul(hours).filter(|hours| *hours <= 24 * 36_500);
    let number: i64 = text.get(..at).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    let duration = match unit {
        _ if number < 0 => None,
        'd' => hours(number, 24).map(SignedDuration::from_hours),
        'h' => hours(number, 1).map(SignedDuration::from_hours),
        'm' if number <= 60 * 24 * 36_500 => Some(SignedDuration::from_mins(number)),
        _ => None,
    };
    duration.ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_dollars_are_read_or_refused() {
        assert_eq!(duration("90d"), Ok(SignedDuration::from_hours(90 * 24)));
        assert_eq!(duration("12h"), Ok(SignedDuration::from_hours(12)));
        assert_eq!(duration("0m"), Ok(SignedDuration::ZERO));
        for wrong in ["", "d", "90", "-1d", "1w", "9999999999999999999d", "99999999999999d", "1ä"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!((micros("5"), micros("$0.29")), (Ok(5_000_000), Ok(290_000)));
        for wrong in ["", "-1", "NaN", "inf", "1e10", "five"] {
            assert!(micros(wrong).is_err(), "{wrong}");
        }
    }
}
