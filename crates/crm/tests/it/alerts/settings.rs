//! Mistakes in the settings of alerts, and the example that shows that they are right.

use crm::{Crm, CrmConfig, Desk as Cli};

use super::receivers::{Desk, Group, Instead};
use crate::support::{config, stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_an_alert_is_told_at_the_start_with_its_place_and_without_secrets() {
    let stage = stage().await;
    let alert = |more: &str| format!("[[crm.alerts]]\nname = \"desk\"\n{more}");
    for (toml, wanted) in [
        (alert("kind = \"slack\"\n"), "desk: url is missing, or url_file"),
        (alert("kind = \"slack\"\nurl = \"hunter2\"\n"), "desk: url is not an address"),
        (alert("kind = \"slack\"\nurl = \"http://hooks.slack.com/hunter2\"\n"), "use https"),
        (alert("kind = \"slack\"\nurl = \"https://10.0.0.1/hunter2\"\n"), "private network"),
        (alert("kind = \"pagerduty\"\n"), "desk: routing_key is missing, or routing_key_file"),
        (alert("kind = \"telegram\"\nchat = \"1\"\n"), "desk: bot_token is missing"),
        (alert("kind = \"telegram\"\nbot_token = \"hunter2\"\n"), "desk: chat is missing"),
        (
            alert("kind = \"telegram\"\nbot_token = \"hunter2\"\nchat = \"@desk\"\n"),
            "desk: chat must be the number of a chat",
        ),
        (
            format!("{0}{0}", alert("kind = \"pagerduty\"\nrouting_key = \"hunter2\"\n")),
            "desk: there are two of this name",
        ),
        ("[crm.watch]\nevery_seconds = 0\n".to_owned(), "[crm.watch] every_seconds must be 1 to 3600"),
    ] {
        let Err(error) = stage.try_start(&[&Crm], &config(&toml)).await else { panic!("it started: {toml}") };
        let error = classify::chain(&error);
        assert!(error.contains(wanted), "{error}\nnot: {wanted}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_example_reaches_every_receiver_and_says_which_it_does_not() {
    let stage = stage().await;
    stage.start(&[&Crm], &config("")).await.stop().await;
    let (desk, group) = (Desk::start().await, Group::start().await);
    let toml = config(&format!("{}{}{}", desk.slack(""), desk.pagerduty(""), group.config("")));
    let settings: CrmConfig = stage.settings(&toml).section("crm").unwrap();
    let cli = Cli::new(&settings, stage.pool("crm").clone()).unwrap();
    let tried = cli.try_alerts(None).await.unwrap();
    assert!(tried.len() == 3 && tried.iter().all(|one| one.problems.is_empty()), "{tried:?}");
    assert!(desk.texts()[0].contains("This is a test"), "{:?}", desk.texts());
    assert!(group.texts()[0].contains("This is a test"), "{:?}", group.texts());
    // No incident is left open.
    assert_eq!(desk.incidents().values().next().unwrap().last().unwrap()["event_action"], "resolve");

    desk.instead([Instead::Status(404)]);
    let tried = cli.try_alerts(Some("slack")).await.unwrap();
    assert_eq!(tried[0].problems, ["answered 404: no_service"]);
    let error = cli.try_alerts(Some("nobody")).await.unwrap_err();
    assert!(error.to_string().contains("[[crm.alerts]]"), "{error}");
}
