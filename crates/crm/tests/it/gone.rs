//! An endpoint that says it is gone.

use crate::receiver::{Receiver, Say};
use crate::support::{Facts, dead_letters, endpoint, lead, publish, stage, start};

const GONE: &str = "one answered 410 Gone and is not called any more; mend it or give it a new address, then: dragoman crm enable one";

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_is_left_alone_until_it_has_a_new_address() {
    let stage = stage().await;
    let gone = Receiver::start(&[Say::Status(410)]).await;
    let app = start(&stage, &endpoint("one", &gone)).await;
    let mut facts = Facts::listen(&stage).await;
    publish(&stage, &lead()).await;
    let first = facts.next().await;
    assert_eq!((first.outcome.as_str(), first.attempts, first.status), ("failed", 1, 410));
    // The next lead is not even sent.
    publish(&stage, &lead()).await;
    let second = facts.next().await;
    assert_eq!((second.outcome.as_str(), second.attempts, second.status), ("failed", 0, 0));
    let letters = dead_letters(&stage, 2).await;
    assert_eq!(letters[0].1, GONE);
    app.stop().await;
    assert_eq!(gone.calls().len(), 1);

    // A new address, and the operator sends both back.
    let moved = Receiver::start(&[]).await;
    let app = start(&stage, &endpoint("one", &moved)).await;
    let mut connection = stage.pool("crm").acquire().await.unwrap();
    for (id, _) in letters {
        assert!(jobs::replay(&mut connection, id).await.unwrap());
    }
    let calls = moved.called(2).await;
    assert_eq!(calls.iter().filter(|call| call.id() == gone.calls()[0].id()).count(), 1);
    let ended = [facts.next().await, facts.next().await];
    assert!(ended.iter().all(|fact| fact.outcome == "delivered" && fact.status == 200));
    app.stop().await;
    assert_eq!(gone.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tries_an_endpoint_that_was_gone_and_opens_it_for_the_others() {
    let stage = stage().await;
    let receiver = Receiver::start(&[Say::Status(410)]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    let mut facts = Facts::listen(&stage).await;
    publish(&stage, &lead()).await;
    assert_eq!(facts.next().await.status, 410);
    // It was a mistake of theirs: from now on they take leads, and a person knows.
    let letters = dead_letters(&stage, 1).await;
    assert_eq!(letters[0].1, GONE);
    let mut connection = stage.pool("crm").acquire().await.unwrap();
    assert!(jobs::replay(&mut connection, letters[0].0).await.unwrap());
    let again = facts.next().await;
    assert_eq!((again.outcome.as_str(), again.status), ("delivered", 200));
    publish(&stage, &lead()).await;
    assert_eq!(facts.next().await.outcome, "delivered");
    assert_eq!(receiver.calls().len(), 3);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_was_taken_out_of_the_configuration_leaves_a_dead_letter_that_says_so() {
    let mut stage = stage().await;
    stage.may_leave(&["dead_letter"]);
    let receiver = Receiver::start(&[Say::Status(500)]).await;
    let app = start(&stage, &endpoint("one", &receiver)).await;
    publish(&stage, &lead()).await;
    crate::support::pause_after(&stage, 1).await;
    app.stop().await;
    let app = start(&stage, "").await;
    // For some minutes another replica may know it.
    for attempt in 2..=5 {
        crate::support::hurry(&stage).await;
        crate::support::pause_after(&stage, attempt).await;
    }
    crate::support::hurry(&stage).await;
    let letters = dead_letters(&stage, 1).await;
    assert_eq!(letters[0].1, "the endpoint one is not configured");
    app.stop().await;
}
