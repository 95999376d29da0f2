use std::time::Duration;

use e2e::Placement;
use e2e::faults::{Town, Twice};

/// SIGKILL in the middle of the work, and started again at once.
pub(crate) async fn each_role_is_killed(town: &mut Town, placement: Placement) {
    let roles: &[&str] = match placement {
        Placement::OneProcess => &["gateway"],
        Placement::Split => &["gateway", "bot", "llm-worker", "crm", "analytics"],
    };
    let asking = town.ask(7, Duration::from_millis(1500));
    let (mut faults, mut senders) = (Vec::new(), Vec::new());
    for role in roles {
        town.until_answered(100).await;
        let fault = town.broken(role, async |installation| installation.kill(role).await).await;
        if placement == Placement::OneProcess || *role == "bot" {
            senders.push(fault.clone());
        }
        faults.push(fault);
    }
    town.check("killed", asking, Twice::OverAKill(senders), &faults).await;
}
