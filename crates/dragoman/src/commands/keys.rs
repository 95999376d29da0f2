use anyhow::Result;
use gateway::{Gateway, KeyCard, KeyDesk, NewKey, Period};
use ids::{Clock, Ids, Secret, Timestamp};
use llm_worker::LlmConfig;
use serde_json::json;

use super::print;
use crate::cli::{Keys, Per};
use crate::environment;

pub(super) async fn keys(command: Keys) -> Result<()> {
    let (Keys::Create { source, .. }
    | Keys::List { source, .. }
    | Keys::Revoke { source, .. }
    | Keys::Rotate { source, .. }) = &command;
    let settings = environment::settings(source.config.as_deref())?;
    let pool = service_kit::pool(&Gateway, &settings).await?;
    let desk = KeyDesk { pool, clock: Clock::system(), ids: Ids::system() };
    match command {
        Keys::Create { name, models, budget, per, expires, json, .. } => {
            let period = match per {
                Per::Day => Period::Day,
                Per::Month => Period::Month,
            };
            let new = NewKey { name, models, budget_micros: budget, period, lasts: expires };
            // Where only the gateway's secrets are, the worker's section can not be read.
            let known =
                settings.section::<LlmConfig>("llm-worker").ok().and_then(|worker| worker.models().ok());
            let unknown = known.and_then(|known| unknown(&new.models, &known));
            let (id, key) = desk.create(&new).await?;
            show(&id, &key, json)?;
            // The worker may have other settings than are read here, so it is no error.
            if let Some(sentence) = unknown {
                eprint(&sentence);
            }
            Ok(())
        }
        Keys::List { json, .. } => {
            let (cards, now) = (desk.list().await?, desk.clock.now());
            for card in &cards {
                print(&if json { serde_json::to_string(card)? } else { line(card, now) })?;
            }
            if cards.is_empty() && !json {
                print("there is no key; dragoman keys create makes one")?;
            }
            Ok(())
        }
        Keys::Revoke { key, json, .. } => {
            let id = desk.revoke(&key).await?;
            print(&if json {
                json!({ "id": id, "revoked": true }).to_string()
            } else {
                format!("{key} is revoked; within some seconds it opens nothing any more")
            })
        }
        Keys::Rotate { key, overlap, force, json, .. } => {
            let (id, key) = desk.rotate(&key, overlap, force).await?;
            show(&id, &key, json)
        }
    }
}

/// That the key opens nothing by some of its models, for the settings have none such.
fn unknown(wanted: &[String], known: &[String]) -> Option<String> {
    let provider = |model: &str| model.split_once('/').map(|(provider, _)| provider.to_owned());
    let is_known = |wanted: &&String| {
        known.iter().any(|known| {
            let all = wanted.ends_with("/*") || known.ends_with("/*");
            known == *wanted || all && provider(known) == provider(wanted)
        })
    };
    let unknown: Vec<&str> = wanted.iter().filter(|wanted| !is_known(wanted)).map(String::as_str).collect();
    let there_are = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    (!unknown.is_empty()).then(|| {
        format!(
            "{} is no model of these settings ([llm-worker]; there are: {there_are}): the key opens nothing there until it is",
            unknown.join(", ")
        )
    })
}

/// The one time that a key is shown.
fn show(id: &str, key: &Secret, json: bool) -> Result<()> {
    if json {
        return print(&json!({ "id": id, "key": key.expose() }).to_string());
    }
    print(key.expose())?;
    // Beside the key, so that it can be piped to where it belongs.
    eprint(&format!("this is key {id}; it is not kept and can not be shown again"));
    Ok(())
}

fn eprint(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn line(card: &KeyCard, now: Timestamp) -> String {
    let models = if card.models.is_empty() { "every model".to_owned() } else { card.models.join(", ") };
    let budget = card.budget_micros.map_or("no budget of its own".to_owned(), |micros| {
        format!("${:.2} a {}", micros as f64 / 1e6, card.period.word())
    });
    let used = card.last_used_at.map_or("never used".to_owned(), |at| format!("last used {at:.0}"));
    let ends = match (card.revoked_at, card.expires_at) {
        (Some(at), _) => format!(", revoked {at:.0}"),
        (None, Some(at)) if at <= now => format!(", expired {at:.0}"),
        (None, Some(at)) => format!(", expires {at:.0}"),
        (None, None) => String::new(),
    };
    let old = card.old_opens_until.filter(|until| *until > now && card.revoked_at.is_none());
    let old = old.map_or(String::new(), |until| format!(", the key before it opens until {until:.0}"));
    format!("{} {}\n  {models}, {budget}, {used}{ends}{old}", card.id, card.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_for_a_model_that_nobody_configured_says_so() {
        let unknown = |wanted: &[&str], known: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
            unknown(&owned(wanted), &owned(known))
        };
        let known = ["openai/gpt-5-mini", "deepseek/*"];
        for fine in ["openai/gpt-5-mini", "openai/*", "deepseek/deepseek-v4-flash", "deepseek/*"] {
            assert_eq!(unknown(&[fine], &known), None, "{fine}");
        }
        assert_eq!(unknown(&[], &[]), None, "every model");
        let said = unknown(&["openai/*", "openai/gpt-5-mni", "anthropic/*"], &known).unwrap();
        let names = "openai/gpt-5-mni, anthropic/* is no model of these settings";
        assert!(
            said.starts_with(names) && said.contains("there are: openai/gpt-5-mini, deepseek/*"),
            "{said}"
        );
        assert!(unknown(&["deepseek/deepseek-v4-flash"], &[]).unwrap().contains("there are: none"));
    }

    #[test]
    fn a_line_says_what_a_key_may_and_how_it_stands() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let card = KeyCard {
            id: "0011223344556677".to_owned(),
            name: "shop".to_owned(),
            models: vec!["a/b".to_owned(), "c/*".to_owned()],
            budget_micros: Some(5_250_000),
            period: Period::Day,
            created_at: at(0),
            expires_at: Some(at(100)),
            revoked_at: None,
            last_used_at: None,
            old_opens_until: Some(at(60)),
        };
        assert_eq!(
            line(&card, at(50)),
            "0011223344556677 shop\n  a/b, c/*, $5.25 a day, never used, expires 1970-01-01T00:01:40Z, \
             the key before it opens until 1970-01-01T00:01:00Z"
        );
        let ended = KeyCard { revoked_at: Some(at(10)), last_used_at: Some(at(9)), ..card };
        assert!(
            line(&ended, at(50)).ends_with("last used 1970-01-01T00:00:09Z, revoked 1970-01-01T00:00:10Z")
        );
    }
}
