use anyhow::{Context, Result, bail};
use bot::leads::{self, KeptLead};
use serde_json::Value;

use super::print;
use crate::cli::{Leads, Temperature};
use crate::{environment, roles};

pub(super) async fn leads(command: &Leads) -> Result<()> {
    let (Leads::List { source, .. } | Leads::Show { source, .. }) = command;
    let settings = environment::settings(source.config.as_deref())?;
    let pool = service_kit::pool(roles::one("bot")?, &settings).await?;
    let mut connection = pool.acquire().await.context("the database gave no connection")?;
    match command {
        Leads::List { bot, temperature, most, json, .. } => {
            let temperature = temperature.map(name);
            let found = leads::newest(&mut connection, bot.as_deref(), temperature, *most).await?;
            for lead in &found {
                print(&if *json { serde_json::to_string(lead)? } else { line(lead) })?;
            }
            if found.is_empty() && !json {
                print("there are no such leads")?;
            }
            Ok(())
        }
        Leads::Show { id, json, .. } => match leads::find(&mut connection, *id).await? {
            Some(lead) => print(&if *json { serde_json::to_string(&lead)? } else { whole(&lead) }),
            None => bail!("there is no lead {id}; see dragoman leads list"),
        },
    }
}

const fn name(temperature: Temperature) -> &'static str {
    match temperature {
        Temperature::Hot => "hot",
        Temperature::Warm => "warm",
        Temperature::Cold => "cold",
    }
}

/// One lead of the list, with what it is about and how to reach the person.
fn line(lead: &KeptLead) -> String {
    let KeptLead { id, bot, flow, temperature, score, captured_at, .. } = lead;
    let told: Vec<&str> =
        each(&lead.answers).map(|answer| of(answer, "text")).filter(|t| !t.is_empty()).collect();
    let told: String = told.join(" · ").split_whitespace().collect::<Vec<_>>().join(" ");
    let told = if told.chars().count() > 100 { told.chars().take(99).chain(['…']).collect() } else { told };
    format!("{id}  {captured_at:.0}  {bot} {flow}  {temperature} {score}  {}\n  {told}", reach(&lead.contact))
}

/// All of it.
fn whole(lead: &KeptLead) -> String {
    let KeptLead { id, conversation_id, bot, flow, language, temperature, score, captured_at, .. } = lead;
    let mut text = format!(
        "{id}\n  {bot}, {flow}, {language}, {captured_at:.0}\n  conversation {conversation_id}\n  contact: {}",
        reach(&lead.contact)
    );
    if !lead.start_payload.is_empty() {
        text += &format!("\n  came by the start link {}", lead.start_payload);
    }
    text += "\n\nanswers";
    for answer in each(&lead.answers) {
        let (field, value, said) = (of(answer, "field"), of(answer, "value"), of(answer, "text"));
        let found = if answer["found"] == true { " (told in passing)" } else { "" };
        let value = value.replace('\n', "\n    ");
        text += &format!("\n  {field}: {value}{found}");
        if said != of(answer, "value") && !said.is_empty() {
            text += &format!("\n    in their words: {}", said.replace('\n', "\n    "));
        }
    }
    text += &format!("\n\n{temperature}: {score} points");
    for reason in each(&lead.evidence) {
        let words = of(reason, "words");
        let said = if words.is_empty() { String::new() } else { format!(" — “{words}”") };
        text += &format!("\n  {:+} {}{said}", reason["points"].as_i64().unwrap_or(0), of(reason, "rule"));
    }
    text
}

/// The ways to a person, those that are known.
fn reach(contact: &Value) -> String {
    let username = of(contact, "username");
    let username = if username.is_empty() { String::new() } else { format!("@{username}") };
    let ways = [of(contact, "name"), of(contact, "email"), of(contact, "phone"), &username];
    ways.into_iter().filter(|way| !way.is_empty()).collect::<Vec<_>>().join(", ")
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn of<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use ids::{Timestamp, Uuid};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_lead_is_shown_with_its_words_its_score_and_the_reasons() {
        let lead = KeptLead {
            id: Uuid::from_u128(1),
            conversation_id: Uuid::from_u128(2),
            bot: "sales".to_owned(),
            flow: "intake".to_owned(),
            language: "en".to_owned(),
            temperature: "hot".to_owned(),
            score: 85,
            evidence: json!([{ "rule": "budget: budget of $5k or more", "points": 25, "words": "$5k" }]),
            answers: json!([
                { "field": "budget", "value": "5000 USD", "text": "$5k", "found": false },
                { "field": "stack", "value": "rust", "text": "rust", "found": true },
            ]),
            contact: json!({ "name": "Anna", "email": "anna@example.com", "username": "anna_k", "phone": "" }),
            start_payload: "ad-42".to_owned(),
            captured_at: Timestamp::UNIX_EPOCH,
        };
        let shown = whole(&lead);
        for wanted in [
            "contact: Anna, anna@example.com, @anna_k",
            "start link ad-42",
            "budget: 5000 USD\n    in their words: $5k",
            "stack: rust (told in passing)",
            "hot: 85 points\n  +25 budget: budget of $5k or more — “$5k”",
        ] {
            assert!(shown.contains(wanted), "{wanted} is not in\n{shown}");
        }
        assert!(
            line(&lead).ends_with("hot 85  Anna, anna@example.com, @anna_k\n  $5k · rust"),
            "{}",
            line(&lead)
        );
    }
}
