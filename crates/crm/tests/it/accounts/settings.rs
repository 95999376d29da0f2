//! Mistakes in the settings of accounts are told at the start.

use crm::Crm;

use crate::support::{config, stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_an_account_is_told_at_the_start_with_its_place() {
    let stage = stage().await;
    let account = |more: &str| {
        format!(
            "[[crm.accounts]]\nname = \"sales\"\nkind = \"amocrm\"\nurl = \"https://acme.amocrm.ru\"\n{more}"
        )
    };
    for (toml, wanted) in [
        (account(""), "sales: token is missing, or oauth"),
        (account("token = \"t\"\nper_second = 0.0\n"), "sales: per_second must be"),
        // A call would wait longer for its turn than anybody waits.
        (account("token = \"t\"\nper_second = 0.1\n"), "sales: per_second must be 0.5 to 1000"),
        (account("token = \"t\"\nsettle_seconds = 0\n"), "sales: settle_seconds must be"),
        (
            account("token = \"t\"\n[crm.accounts.mapping]\nname = \"{budget}\"\n"),
            "sales: the mapping names \"budget\"; there are lead_id",
        ),
        (
            account(
                "[crm.accounts.oauth]\nclient_id = \"a\"\nclient_secret = \"b\"\nredirect_uri = \"https://a.example\"\n",
            ),
            "sales: oauth needs [crm] encryption_key",
        ),
        (account("token = \"t\"\n").replace("https://acme.amocrm.ru", "https://10.0.0.1"), "private network"),
        (account("token = \"t\"\n").replace("https://acme.amocrm.ru", "http://acme.amocrm.ru"), "use https"),
        (account("token = \"t\"\n").replace("\"sales\"", "\"Our sales\""), "name must be 1 to 32"),
        (format!("{0}{0}", account("token = \"t\"\n")), "sales: there are two of this name"),
    ] {
        let Err(error) = stage.try_start(&[&Crm], &config(&toml)).await else { panic!("it started: {toml}") };
        let error = classify::chain(&error);
        assert!(error.contains(wanted), "{error}\nnot: {wanted}");
        assert!(!error.contains("acme"), "the address is told: {error}");
    }
}
