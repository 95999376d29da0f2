use std::time::Duration;

use e2e::faults::{Town, Twice};
use tokio::time::sleep;

/// How long a server is away.
const AWAY: Duration = Duration::from_secs(3);

/// Killed, then stopped in order, while updates flow.
pub(crate) async fn postgres_is_cut_off(town: &mut Town) {
    let asking = town.ask(5, Duration::from_millis(1500));
    town.until_answered(100).await;
    let killed = async |installation: &mut e2e::Installation| {
        installation.postgres().kill();
        sleep(AWAY).await;
        installation.postgres().start().await;
    };
    let mut faults = vec![town.broken("Postgres killed", killed).await];
    town.until_answered(100).await;
    let stopped = async |installation: &mut e2e::Installation| {
        installation.postgres().stop().await;
        installation.postgres().start().await;
    };
    faults.push(town.broken("Postgres restarted", stopped).await);
    town.check("Postgres cut off", asking, Twice::Never, &faults).await;
}

/// The same with NATS: meanwhile Telegram is told to come again.
pub(crate) async fn nats_is_cut_off(town: &mut Town) {
    let asking = town.ask(5, Duration::from_millis(1500));
    town.until_answered(100).await;
    let (before, _) = town.refused();
    let killed = async |installation: &mut e2e::Installation| {
        installation.nats().kill();
        sleep(AWAY).await;
        installation.nats().start().await;
    };
    let mut faults = vec![town.broken("NATS killed", killed).await];
    town.until_answered(100).await;
    let stopped = async |installation: &mut e2e::Installation| {
        installation.nats().stop().await;
        installation.nats().start().await;
    };
    faults.push(town.broken("NATS restarted", stopped).await);
    town.check("NATS cut off", asking, Twice::Never, &faults).await;
    assert!(town.refused().0 > before, "without NATS an update is refused");
}

/// Postgres first and NATS while it is away; then they come back in the same order.
pub(crate) async fn both_are_cut_off(town: &mut Town) {
    let asking = town.ask(3, Duration::from_millis(1500));
    town.until_answered(100).await;
    let killed = async |installation: &mut e2e::Installation| {
        installation.postgres().kill();
        sleep(AWAY / 3).await;
        installation.nats().kill();
        sleep(AWAY / 3).await;
        installation.postgres().start().await;
        sleep(AWAY / 3).await;
        installation.nats().start().await;
    };
    let fault = town.broken("Postgres and NATS killed", killed).await;
    town.check("both cut off", asking, Twice::Never, &[fault]).await;
}

/// NATS is frozen again and again: what it has taken it does not acknowledge in time, and what is
/// acknowledged to it it does not hear.
pub(crate) async fn acknowledgements_are_dropped(town: &mut Town) {
    let asking = town.ask(5, Duration::from_millis(1500));
    let mut faults = Vec::new();
    for frozen in [1, 7] {
        town.until_answered(100).await;
        let pause = async |installation: &mut e2e::Installation| {
            installation.nats().pause();
            sleep(Duration::from_secs(frozen)).await;
            installation.nats().resume();
        };
        faults.push(town.broken(&format!("NATS frozen for {frozen} s"), pause).await);
    }
    town.check("acknowledgements dropped", asking, Twice::Never, &faults).await;
}
