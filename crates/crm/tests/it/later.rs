//! What happens to a lead after it was captured, at endpoints.

use testkit::until;

use crate::accounts::later::{closed, files, rescored};
use crate::receiver::{Receiver, Say};
use crate::support::{SECRET, endpoint, lead, stage, start, tell};

#[tokio::test(flavor = "multi_thread")]
async fn each_is_an_event_of_its_own_for_the_endpoint_that_asks_for_it() {
    let stage = stage().await;
    // The first attempt fails.
    let (crm, hot) = tokio::join!(Receiver::start(&[Say::Status(500)]), Receiver::start(&[]));
    let asks = "events = [\"lead.files\", \"lead.score_changed\", \"conversation.closed\"]\n";
    let only_hot = "events = [\"lead.score_changed\", \"lead.files\"]\ntemperatures = [\"hot\"]\n";
    let config = format!("{}{asks}{}{only_hot}", endpoint("crm", &crm), endpoint("hot", &hot));
    let app = start(&stage, &config).await;
    let mut lead = lead();
    lead.temperature = "cold".to_owned();
    let sent = files(&lead, &["tz.pdf"]);
    tell(&stage, "sales", &sent).await;
    crate::support::pause_after(&stage, 1).await;
    crate::support::hurry(&stage).await;
    let calls = crm.called(2).await;
    assert!(calls[1].verifies(SECRET) && calls[0].id() == calls[1].id(), "a repetition is known by its id");
    let body = calls[1].json();
    assert_eq!((&body["type"], &body["timestamp"]), (&"lead.files".into(), &"2025-10-09T08:53:20Z".into()));
    let (data, file) = (&body["data"], &body["data"]["files"][0]);
    assert_eq!((&data["lead_id"], &data["bot"]), (&lead.lead_id.as_str().into(), &"sales".into()));
    assert_eq!((&file["name"], &file["size_bytes"]), (&"tz.pdf".into(), &2_048.into()));
    assert_eq!(file["id"], sent.files[0].file_id.as_str());

    tell(&stage, "sales", &closed(&lead)).await;
    let body = crm.called(3).await[2].json();
    assert_eq!((&body["type"], &body["data"]["reason"]), (&"conversation.closed".into(), &"blocked".into()));
    assert_eq!(body["data"]["said_by_person"], 7);
    assert_eq!(body["data"]["last_said_at"], "2025-10-09T08:36:40Z");

    // It was hot: whoever wants hot leads hears that it is none any more.
    tell(&stage, "sales", &rescored(&lead, 90, 50)).await;
    let (of_crm, of_hot) = (crm.called(4).await[3].json(), hot.called(1).await[0].json());
    assert_eq!(of_crm, of_hot);
    assert_eq!((&of_hot["type"], &of_hot["data"]["score"]), (&"lead.score_changed".into(), &50.into()));
    assert_eq!(of_hot["data"]["temperature_before"], "hot");
    assert_eq!(of_hot["data"]["why"][1], "+40 budget");
    until("all is noted", async || {
        let waiting: i64 = sqlx::query_scalar("select count(*) from delivery where state <> 'delivered'")
            .fetch_one(stage.pool("crm"))
            .await
            .unwrap();
        (waiting == 0).then_some(())
    })
    .await;
    app.stop().await;
    assert_eq!((crm.calls().len(), hot.calls().len()), (4, 1));
}
