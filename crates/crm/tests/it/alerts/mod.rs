//! Who is told of trouble, of what, and how often.

mod expiry;
pub(crate) mod receivers;
mod settings;
mod telling;
mod troubles;

use testkit::{Stage, until};

/// The looks come at once, and what is seen is told so many seconds later.
pub(crate) fn watch(gather_seconds: u64) -> String {
    format!("[crm.watch]\nevery_seconds = 1\ngather_seconds = {gather_seconds}\n")
}

/// Lets every waiting job run now instead of when it is due, but the looks, which come by themselves.
pub(crate) async fn hurry(stage: &Stage) {
    sqlx::query("update job set run_at = now() where state = 2 and queue <> key")
        .execute(stage.pool("crm"))
        .await
        .unwrap();
    sqlx::query("update rate_limit set paused_until = null").execute(stage.pool("crm")).await.unwrap();
}

/// Waits for so many more looks.
pub(crate) async fn looks(stage: &Stage, count: usize) {
    let next = async || {
        let sql = "select max(id) from job where queue = 'crm.watch' and state <> 3";
        sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(stage.pool("crm")).await.unwrap()
    };
    let mut last = next().await;
    for _ in 0..=count {
        let before = last;
        let newer = async || next().await.filter(|id| before.is_none_or(|before| *id > before));
        last = Some(until("trouble is looked for", newer).await);
    }
}
