use anyhow::{Context, Result, bail};
use ids::{Clock, Ids};
use llm_worker::{CostLine, LlmConfig};

use super::print;
use crate::cli::{Costs, CostsCommand};
use crate::{environment, roles};

pub(super) async fn costs(call: &Costs) -> Result<()> {
    match &call.command {
        Some(CostsCommand::Tier { bot, person, tier, source }) => {
            let settings = environment::settings(source.config.as_deref())?;
            let config: LlmConfig = settings.section("llm-worker")?;
            let tier = tier.as_deref().unwrap_or_default();
            if !tier.is_empty() && !config.money.tiers.contains_key(tier) {
                bail!(
                    "there is no [llm-worker.money.tiers.{tier}] in the settings; add it, or take one of: {}",
                    {
                        let names: Vec<&str> = config.money.tiers.keys().map(String::as_str).collect();
                        if names.is_empty() { "(none)".to_owned() } else { names.join(", ") }
                    }
                );
            }
            let pool = service_kit::pool(roles::one("llm-worker")?, &settings).await?;
            let set = llm_worker::set_tier(&pool, bot, *person, tier, Ids::system().uuid()).await;
            set.context("the tier was not written")?;
            let told = if tier.is_empty() { "the limits of everybody" } else { tier };
            print(&format!("{bot} {person}: {told}, from the next question on"))
        }
        None => {
            let settings = environment::settings(call.source.config.as_deref())?;
            let config: LlmConfig = settings.section("llm-worker")?;
            let pool = service_kit::pool(roles::one("llm-worker")?, &settings).await?;
            let period = call.from.zip(call.to);
            if period.is_some_and(|(from, to)| from >= to) {
                bail!("--from must be before --to");
            }
            let now = Clock::system().now();
            let costs = llm_worker::costs(&pool, &config.money, now, period, Some(call.by.into())).await?;
            if call.json {
                return print(&serde_json::to_string(&costs)?);
            }
            as_text(&costs).iter().try_for_each(|line| print(line))
        }
    }
}

fn as_text(costs: &llm_worker::Costs) -> Vec<String> {
    let limit = match costs.day_limit_micros {
        Some(limit) => format!(
            " of {} ({:.0} %)",
            dollars(limit),
            100.0 * costs.today.cost_micros as f64 / limit.max(1) as f64
        ),
        None => String::new(),
    };
    let held = if costs.held_micros > 0 {
        format!(", {} held for calls under way", dollars(costs.held_micros))
    } else {
        String::new()
    };
    let mut lines = vec![
        format!("today       {}{limit}{held}; a new day at {:.0}", line(&costs.today), costs.resets_at),
        format!("this month  {}", line(&costs.month)),
        format!("{:.0} to {:.0}: {}", costs.from, costs.to, line(&costs.total)),
    ];
    lines.extend(costs.lines.iter().map(|one| {
        let name = if one.name.is_empty() { "(not known)" } else { &one.name };
        format!("  {name}  {}", line(one))
    }));
    lines
}

fn line(line: &CostLine) -> String {
    let mut text = format!(
        "{} for {} questions, {} + {} tokens",
        dollars(line.cost_micros),
        line.questions,
        line.prompt_tokens,
        line.completion_tokens
    );
    if line.unended > 0 {
        text.push_str(&format!(", {} calls that ended no question", line.unended));
    }
    if line.estimated_micros > 0 {
        text.push_str(&format!(", {} of it estimated", dollars(line.estimated_micros)));
    }
    text
}

/// Millionths of a dollar as dollars and cents, and smaller where that would be nothing.
fn dollars(micros: i64) -> String {
    let digits = if micros == 0 || micros >= 1_000_000 { 2 } else { 4 };
    format!("${:.digits$}", micros as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use ids::Timestamp;

    use super::*;

    #[test]
    fn what_a_day_has_cost_is_told_with_what_is_left_and_what_is_estimated() {
        let one = CostLine {
            name: "m".to_owned(),
            questions: 3,
            unended: 1,
            prompt_tokens: 900,
            completion_tokens: 60,
            cost_micros: 2_500_000,
            estimated_micros: 1_200,
        };
        let at: Timestamp = "2026-11-28T00:00:00Z".parse().unwrap();
        let costs = llm_worker::Costs {
            from: at,
            to: at,
            lines: vec![one.clone(), CostLine::default()],
            total: one.clone(),
            today: one.clone(),
            month: one,
            day_limit_micros: Some(10_000_000),
            held_micros: 2_000,
            resets_at: at,
        };
        let text = as_text(&costs);
        assert_eq!(
            text[0],
            "today       $2.50 for 3 questions, 900 + 60 tokens, 1 calls that ended no question, $0.0012 of it estimated \
             of $10.00 (25 %), $0.0020 held for calls under way; a new day at 2026-11-28T00:00:00Z"
        );
        assert!(
            text[3].starts_with("  m  $2.50") && text[4].starts_with("  (not known)  $0.00 for 0 questions")
        );
    }
}
