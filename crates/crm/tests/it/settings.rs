//! What is wrong with the settings is told at the start, in a sentence, without the secret.

use crm::{Crm, CrmConfig};
use proptest::prelude::*;
use service_kit::{Settings, check_settings};

use crate::support::{SECRET, stage};

fn with_url(url: &str) -> String {
    format!("[[crm.endpoints]]\nname = \"one\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_in_a_private_network_is_refused_unless_it_is_listed() {
    let stage = stage().await;
    for (url, expected) in [
        ("http://127.0.0.1:9/hook", "private network"),
        ("https://10.1.2.3/hook", "private network"),
        ("https://[::ffff:169.254.169.254]/", "private network"),
        ("https://localhost/", "private network"),
        ("http://example.com/hook", "use https"),
        ("ftp://example.com/hook", "not ftp"),
    ] {
        let error = stage.try_start(&[&Crm], &with_url(url)).await.unwrap_err().sentence();
        assert!(error.contains(expected) && !error.contains("MfKQ"), "{url}: {error}");
    }
    let listed =
        format!("[crm]\nallow_private_addresses = [\"10.0.0.0/8\"]\n{}", with_url("http://10.1.2.3/"));
    stage.start(&[&Crm], &listed).await.stop().await;
    let error = stage.try_start(&[&Crm], "[crm]\ntimeout_seconds = 0\n").await.unwrap_err().sentence();
    assert_eq!(error, "crm can not start: [crm] timeout_seconds must be 1 to 60");
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        "\"[ -!#-\\[\\]-~а-я]{0,20}\"",
        Just("[]".to_owned()),
        Just("[\"10.0.0.0/8\", \"::1/128\"]".to_owned()),
        Just("{}".to_owned()),
        Just("true".to_owned()),
    ]
}

proptest! {
    /// A section that someone has written wrongly is refused; it is never a panic.
    #[test]
    fn any_section_is_read_or_refused(
        lines in prop::collection::vec(("[a-z_]{1,10}|timeout_seconds|max_connections|allow_private_addresses|endpoints|name|url|secret", value()), 0..6),
        in_endpoint in any::<bool>(),
        garbage in ".{0,30}",
    ) {
        let head = if in_endpoint { "[[crm.endpoints]]" } else { "[crm]" };
        let body: String = lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        for text in [format!("{head}\n{body}"), format!("{head}\n{body}{garbage}")] {
            if let Ok(settings) = Settings::from_toml(&text, []) {
                let read = settings.section::<CrmConfig>("crm");
                let checked = check_settings(&[&Crm], &settings);
                prop_assert!(read.is_ok() || checked.is_err());
            }
        }
    }
}
