//! Two replicas: one polls, and the other goes on when it is gone.

use testkit::until;

use crate::bot_api::BotApi;
use crate::poll::{all_confirmed, polling};
use crate::support::{ids, stage, start, stored};

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_polls_and_the_other_takes_over() {
    let stage = stage().await;
    let api = BotApi::start().await;
    let first = start(&stage, &polling(&api)).await;
    api.write(1, 1);
    all_confirmed(&api).await;
    let second = start(&stage, &polling(&api)).await;
    let questions = api.called("getUpdates");
    api.write(1, 2);
    all_confirmed(&api).await;
    until("they went on asking", async || (api.called("getUpdates") > questions + 10).then_some(())).await;
    assert_eq!(api.seen().most_open, 1, "two replicas asked at once");

    first.kill();
    api.write(1, 3);
    all_confirmed(&api).await;
    assert_eq!(api.called("deleteWebhook"), 2, "nobody took over");
    api.write(1, 4);
    all_confirmed(&api).await;
    second.stop().await;
    assert_eq!(ids(&stored(&stage).await), [1, 2, 3, 4]);
}
