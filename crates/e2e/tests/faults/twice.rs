use std::time::Duration;

use e2e::faults::{Town, Twice};

/// Twice at the same moment, and once more when all is answered.
pub(crate) async fn every_update_is_delivered_twice(town: &mut Town) {
    let asking = town.ask_twice(5, Duration::ZERO);
    town.check("twice at once", asking, Twice::Never, &[]).await;
    let asking = town.ask(1, Duration::ZERO);
    town.check("once", asking, Twice::Never, &[]).await;
    town.repeat_all().await;
    let asking = town.ask(1, Duration::ZERO);
    town.check("once more, after all that was asked before", asking, Twice::Never, &[]).await;
}
