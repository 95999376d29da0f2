//! What people notice when parts die, are cut off, or hear everything twice: a wait, and nothing else. 200
//! chats ask more than 5,000 questions in each placement.

mod cut;
mod killed;
mod telegram;
mod twice;

use e2e::Placement;
use e2e::faults::Town;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_one_process() {
    everything(Placement::OneProcess).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_process_for_each_role() {
    everything(Placement::Split).await;
}

async fn everything(placement: Placement) {
    let mut town = Town::new(placement).await;
    twice::every_update_is_delivered_twice(&mut town).await;
    killed::each_role_is_killed(&mut town, placement).await;
    killed::everything_is_killed_at_once(&mut town, placement).await;
    if placement == Placement::Split {
        killed::the_sender_is_killed_twice_over_the_same_messages(&mut town).await;
    }
    cut::postgres_is_cut_off(&mut town).await;
    cut::nats_is_cut_off(&mut town).await;
    cut::both_are_cut_off(&mut town).await;
    cut::acknowledgements_are_dropped(&mut town).await;
    telegram::telegram_fails(&mut town).await;
    assert!(town.accepted() >= 5_000, "{}", town.accepted());
    town.installation.stop().await;
}
