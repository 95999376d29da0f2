//! What answers have cost: the report of the API, of the bot and of the command line.

use ids::{SignedDuration, Timestamp};
use pg::{PgError, Pool};
use serde::Serialize;

use super::config::MoneyConfig;
use super::counter::Slot;
use super::who::limit_of;
use super::window::{Calendar, Period, Window};
use crate::error::LlmError;
use crate::store::{budget, costs};

pub use crate::store::costs::{By, CostLine};

/// What a period has cost, and how things stand today. Money is in millionths of a US dollar.
#[derive(Clone, Debug, Serialize)]
pub struct Costs {
    pub from: Timestamp,
    pub to: Timestamp,
    /// The dearest first, a thousand at most; one where they are not told apart.
    pub lines: Vec<CostLine>,
    pub total: CostLine,
    pub today: CostLine,
    pub month: CostLine,
    /// What may be spent a day; `None`: no limit.
    pub day_limit_micros: Option<i64>,
    /// Held for calls under way.
    pub held_micros: i64,
    /// When the day ends.
    pub resets_at: Timestamp,
}

/// What `period` has cost; left out, this month.
///
/// # Errors
/// Settings that can not be worked with, and what the database refuses.
pub async fn costs(
    pool: &Pool,
    config: &MoneyConfig,
    now: Timestamp,
    period: Option<(Timestamp, Timestamp)>,
    by: Option<By>,
) -> Result<Costs, LlmError> {
    config.check()?;
    let calendar = Calendar { zone: config.zone()?, session_break: SignedDuration::ZERO };
    let (day, month) = (calendar.window(Period::Day, now), calendar.window(Period::Month, now));
    let zone = config.time_zone.as_str();
    let (from, to) = period.unwrap_or((month.since, month.ends_at));
    let lines = costs::of(pool, (from, to), by, zone).await?;
    let mut total = CostLine::default();
    lines.iter().for_each(|line| total.add(line));
    let whole = async |window: Window| -> Result<CostLine, PgError> {
        let lines = costs::of(pool, (window.since, window.ends_at), None, zone).await?;
        Ok(lines.into_iter().next().unwrap_or_default())
    };
    let all = Slot::all();
    let counter = budget::shared(pool).await?.remove(&all).filter(|counter| counter.window == day);
    Ok(Costs {
        from,
        to,
        lines,
        total,
        today: whole(day).await?,
        month: whole(month).await?,
        day_limit_micros: limit_of(config, &all, None).micros,
        held_micros: counter.map_or(0, |counter| counter.held_micros),
        resets_at: day.ends_at,
    })
}
