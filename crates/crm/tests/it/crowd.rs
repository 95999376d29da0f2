//! Many leads at once.

use std::collections::HashSet;

use crm::Crm;

use crate::receiver::{Receiver, Say};
use crate::support::{endpoint, lead, publish, stage};

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_hangs_does_not_hold_up_the_others() {
    const LEADS: usize = 60;
    let mut stage = stage().await;
    stage.may_leave(&["job"]);
    let (hangs, works) = tokio::join!(Receiver::start(&[Say::Nothing; LEADS]), Receiver::start(&[]));
    let config = format!(
        "[crm]\nallow_private_addresses = [\"127.0.0.0/8\"]\ntimeout_seconds = 60\n{}{}",
        endpoint("hangs", &hangs),
        endpoint("works", &works)
    );
    let app = stage.start(&[&Crm], &config).await;
    for _ in 0..LEADS {
        publish(&stage, &lead()).await;
    }
    let ids: HashSet<String> = works.called(LEADS).await.iter().map(|call| call.id().to_owned()).collect();
    assert_eq!(ids.len(), LEADS);
    assert!(hangs.calls().len() <= 16, "{} calls hang", hangs.calls().len());
    // What is cut off here is taken up again by whoever comes next.
    testkit::until("what was delivered is told", async || {
        let waiting = "select count(*) from delivery where endpoint = 'works' and state = 'waiting'";
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(stage.pool("crm")).await.unwrap();
        let untold: i64 =
            sqlx::query_scalar("select count(*) from outbox").fetch_one(stage.pool("crm")).await.unwrap();
        (waiting + untold == 0).then_some(())
    })
    .await;
    app.kill();
}
