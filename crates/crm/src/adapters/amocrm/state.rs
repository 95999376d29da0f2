//! Where a deal stands.

use ids::Timestamp;
use serde_json::Value;

use super::super::Trouble;
use super::line::Line;
use super::reading::{is_true, number, text};
use super::schema::{LOST, WON};
use crate::domain::state::{DealState, Outcome};

/// `None`: there is no such deal any more.
pub(super) async fn of(line: &Line, deal: i64) -> Result<Option<DealState>, Trouble> {
    let reply = match line.get(&format!("leads/{deal}"), &[]).await {
        Err(Trouble::Rejected { status: 404, .. }) => return Ok(None),
        reply => reply?,
    };
    if reply.status == 204 {
        return Ok(None);
    }
    let answer: Value = reply.json()?;
    // An answer without the deal says nothing of it.
    let stage = number(&answer, "/status_id").filter(|_| number(&answer, "/id") == Some(deal));
    let stage = stage.ok_or_else(|| reply.failed())?;
    if is_true(&answer, "/is_deleted") {
        return Ok(None);
    }
    let outcome = match stage {
        WON => Outcome::Won,
        LOST => Outcome::Lost,
        _ => Outcome::Open,
    };
    Ok(Some(DealState {
        deal: deal.to_string(),
        outcome,
        stage_decides: false,
        pipeline: text(&answer, "/pipeline_id"),
        stage: stage.to_string(),
        responsible: text(&answer, "/responsible_user_id"),
        amount: text(&answer, "/price"),
        currency: String::new(),
        ended_at: number(&answer, "/closed_at").and_then(|at| Timestamp::from_second(at).ok()),
    }))
}
