use std::time::Duration;

use e2e::Placement;
use e2e::faults::{Town, Twice};
use serde_json::json;

/// SIGKILL in the middle of the work, and started again at once; then the sender twice in a hurry.
pub(crate) async fn each_role_is_killed(town: &mut Town, placement: Placement) {
    let roles: &[&str] = match placement {
        Placement::OneProcess => &["gateway", "gateway"],
        Placement::Split => &["gateway", "bot", "llm-worker", "crm", "analytics", "bot", "gateway"],
    };
    let asking = town.ask(8, Duration::from_secs(1));
    let (mut faults, mut senders) = (Vec::new(), Vec::new());
    for role in roles {
        town.until_answered(60).await;
        let fault = town.broken(role, async |installation| installation.kill(role).await).await;
        if placement == Placement::OneProcess || *role == "bot" {
            senders.push(fault.clone());
        }
        faults.push(fault);
    }
    let before = town.refused();
    town.check("killed", asking, Twice::OverAKill(senders), &faults).await;
    assert!(before.1 > 0, "the gateway was killed while updates were delivered");
}

/// The same while everybody asks as fast as they are answered 200.
pub(crate) async fn everything_is_killed_at_once(town: &mut Town, placement: Placement) {
    let asking = town.ask(6, Duration::ZERO);
    town.until_accepted(300).await;
    let kill_all = async |installation: &mut e2e::Installation| match placement {
        Placement::OneProcess => installation.kill("gateway").await,
        Placement::Split => {
            for role in ["bot", "gateway", "analytics"] {
                installation.kill(role).await;
            }
        }
    };
    let fault = town.broken("everything killed", kill_all).await;
    town.check("killed in a hurry", asking, Twice::OverAKill(vec![fault.clone()]), &[fault]).await;
}

/// What was on its way to Telegram in both cases was sent twice and is not sent a third time; it is a dead
/// letter, because nobody knows whether it arrived.
pub(crate) async fn the_sender_is_killed_twice_over_the_same_messages(town: &mut Town) {
    const SLOW: usize = 5;
    for chat in 0..SLOW {
        // Telegram takes the message and does not say so for a long time.
        let rule =
            json!({ "method": "sendMessage", "chat": town.chat_id(chat), "times": 2, "delay_ms": 60_000 });
        town.telegram_breaks(&rule).await;
    }
    let asking = town.ask(1, Duration::ZERO);
    let mut faults = Vec::new();
    for heard in [Town::CHATS, Town::CHATS + SLOW] {
        town.until_heard(heard).await;
        town.until_sends(SLOW as i64).await;
        faults.push(town.broken("bot", async |installation| installation.kill("bot").await).await);
    }
    town.discard_dead_letters(SLOW).await;
    let report = town.check("killed twice", asking, Twice::OverAKill(faults.clone()), &faults).await;
    assert_eq!(report.twice, SLOW, "{report:?}");
}
