//! An account that hangs, beside others that do not.

use crm::Crm;
use ids::Ids;
use testkit::crms::Trouble;
use testkit::until;

use super::fakes::{Fake, Kind};
use crate::support::{Facts, config, lead, publish, stage};

/// More than the queue runs at once.
const LEADS: i64 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_hangs_holds_up_no_other() {
    let mut stage = stage().await;
    // It ends in the middle of things.
    stage.may_leave(&["job", "outbox"]);
    let (slow, quick) = tokio::join!(Fake::start(Kind::Amocrm), Fake::start(Kind::Hubspot));
    let forever = Trouble::DoneAndSlow(std::time::Duration::from_secs(3_600));
    slow.faults().reads((0..LEADS * 4).map(|_| Some(forever)));
    let account = |name: &str, bot: &str, fake: &Fake| {
        let entry = fake.account();
        format!("{}bots = [\"{bot}\"]\n", entry.replace("\"sales\"", &format!("\"{name}\"")))
    };
    let settings =
        config(&format!("{}{}", account("slow", "sales", &slow), account("quick", "support", &quick)))
            .replace("timeout_seconds = 1\n", "timeout_seconds = 60\n");
    let app = stage.start(&[&Crm], &settings).await;
    let mut facts = Facts::listen(&stage).await;
    for nth in 0..LEADS {
        let mut lead = lead();
        lead.conversation_id = Ids::system().uuid().to_string();
        lead.contact.as_mut().unwrap().phone = format!("+7912000{nth:04}");
        publish(&stage, &lead).await;
    }
    until("all of them wait, and some are at the account", async || {
        let (jobs, begun): (i64, i64) = sqlx::query_as(
            "select (select count(*) from job where key <> queue), (select count(distinct delivery_id) from attempt)",
        )
        .fetch_one(stage.pool("crm"))
        .await
        .unwrap();
        (jobs == LEADS && begun >= 8).then_some(())
    })
    .await;
    let mut other = lead();
    other.bot = "support".to_owned();
    publish(&stage, &other).await;
    let fact = facts.next().await;
    assert_eq!((fact.endpoint.as_str(), fact.outcome.as_str()), ("quick", "delivered"));
    app.kill();
}
