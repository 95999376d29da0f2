//! `dragoman crm`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use crm::{Checked, Comparison, CrmConfig, Desk, Registration};
use ids::{Clock, Secret, SignedDuration, Timestamp};
use serde_json::Value;

use super::{crm_endpoints, print, said};
use crate::cli::{Crm, CrmAlerts, Source};
use crate::{environment, roles};

pub(super) async fn crm(command: &Crm) -> Result<()> {
    match command {
        Crm::Check { account, json, source } => check(&desk(source).await?, account.as_deref(), *json).await,
        Crm::Alerts(CrmAlerts::Test { name, json, source }) => {
            let tried = desk(source).await?.try_alerts(name.as_deref()).await.map_err(said)?;
            report(
                &tried,
                *json,
                "no receiver of alerts is configured; see [[crm.alerts]] in docs/CONFIGURATION.md",
            )
        }
        Crm::Schema { account, json, source } => {
            let schema = desk(source).await?.schema(account).await.map_err(said)?;
            if *json {
                return print(&schema.to_string());
            }
            listed(&schema).iter().try_for_each(|line| print(line))
        }
        Crm::DryRun { account, lead, source } => {
            let rehearsal = desk(source).await?.rehearse(account, lead.as_deref()).await.map_err(said)?;
            print(&serde_json::to_string_pretty(&rehearsal)?)
        }
        Crm::Connect { account, code_file, source } => {
            connect(&desk(source).await?, account, code_file.as_deref()).await
        }
        Crm::Hook { account, show, json, source } => {
            let config: CrmConfig = environment::settings(source.config.as_deref())?.section("crm")?;
            let told = crm::how_to_register(&config, account, *show).map_err(said)?;
            if *json {
                return print(&serde_json::to_string(&told)?);
            }
            registration(&told).iter().try_for_each(|line| print(line))
        }
        Crm::Reconcile { account, last, json, source } => {
            let compared = desk(source).await?.reconcile(account.as_deref(), *last).await.map_err(said)?;
            differences(&compared, *json)
        }
        Crm::Redrive { name, lead: Some(lead), source, .. } => {
            desk(source).await?.redrive_lead(name, lead).await.map_err(said)?;
            print(&format!("the lead {lead} is delivered to {name} again"))
        }
        Crm::Redrive { name, since, source, .. } => {
            let since = since.as_deref().unwrap_or_default();
            let since = time(since, Clock::system().now())?;
            let driven = desk(source).await?.redrive(name, since).await.map_err(said)?;
            print(&format!("{driven} of {name} are delivered again"))
        }
        Crm::Endpoints { json, source } => crm_endpoints::list(source, *json).await,
        Crm::Enable { name, source } => crm_endpoints::enable(source, name).await,
    }
}

async fn desk(source: &Source) -> Result<Desk> {
    let settings = environment::settings(source.config.as_deref())?;
    let config: CrmConfig = settings.section("crm")?;
    let pool = service_kit::pool(roles::one("crm")?, &settings).await?;
    Desk::new(&config, pool).map_err(said)
}

async fn connect(desk: &Desk, account: &str, code_file: Option<&Path>) -> Result<()> {
    let Some(file) = code_file else {
        let at = desk.consent_address(account).map_err(said)?;
        let at = at.unwrap_or_else(|| "the integration's own page in the CRM".to_owned());
        return print(&format!("consent at {at}, then: dragoman crm connect {account} --code-file FILE"));
    };
    let code = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin()).context("the code can not be read")?
    } else {
        std::fs::read_to_string(file).with_context(|| format!("{} can not be read", file.display()))?
    };
    desk.connect(account, &Secret::new(code.trim())).await.map_err(said)?;
    print(&format!("{account} is connected; see dragoman crm check {account}"))
}

async fn check(desk: &Desk, account: Option<&str>, json: bool) -> Result<()> {
    let checked = desk.check(account).await.map_err(said)?;
    report(&checked, json, "no account of a CRM is configured; see [[crm.accounts]] in docs/CONFIGURATION.md")
}

fn report(checked: &[Checked], json: bool, nothing: &str) -> Result<()> {
    if checked.is_empty() && !json {
        return print(nothing);
    }
    for one in checked {
        if json {
            print(&serde_json::to_string(one)?)?;
        } else {
            text(one).iter().try_for_each(|line| print(line))?;
        }
    }
    match checked.iter().filter(|one| !one.problems.is_empty()).count() {
        0 => Ok(()),
        wrong => bail!("{wrong} of {} need a look", checked.len()),
    }
}

/// The secret that is missing is told first: without it nothing that is told is taken.
fn registration(told: &Registration) -> Vec<String> {
    let Registration { account, place, address, secret, is_ready } = told;
    let setting = format!("webhook_secret of [[crm.accounts]] {account}: {secret}");
    if *is_ready {
        vec![
            format!("where:    {place}"),
            format!("address:  {address}"),
            format!("settings: {setting}; it is set"),
        ]
    } else {
        vec![
            format!("MISSING:  {setting}"),
            "          without it, everything that the CRM tells is answered with 404".to_owned(),
            format!("where:    {place}"),
            format!("address:  {address}"),
        ]
    }
}

fn differences(compared: &[Comparison], json: bool) -> Result<()> {
    if compared.is_empty() && !json {
        return print("nothing was compared; see [[crm.accounts]] in docs/CONFIGURATION.md");
    }
    for one in compared {
        if json {
            print(&serde_json::to_string(one)?)?;
        } else {
            compared_lines(one).iter().try_for_each(|line| print(line))?;
        }
    }
    match compared.iter().filter(|one| one.outcome == "failed" || !one.differences.is_empty()).count() {
        0 => Ok(()),
        wrong => bail!("{wrong} of {} need a look", compared.len()),
    }
}

fn compared_lines(one: &Comparison) -> Vec<String> {
    let mark = match one.outcome.as_str() {
        "done" if one.differences.is_empty() => "ok",
        "done" => "DIFFERS",
        "failed" => "FAILED",
        _ => "running",
    };
    let Comparison { account, began_at, leads, deals, note, .. } = one;
    let head = format!("{mark:7} {account} {began_at}: {leads} leads, {deals} deals with a mark. {note}");
    let line = |difference: &crm::Difference| {
        let (lead, deal) = (difference.lead_id, &difference.deal);
        match difference.kind {
            "gone" => format!(
                "        gone     lead {lead}, deal {deal}; to make it again: dragoman crm redrive {account} --lead {lead}"
            ),
            "unknown" => {
                format!("        unknown  deal {deal} has the mark {lead}, which is no lead of ours")
            }
            "twice" => format!("        twice    lead {lead} is also deal {deal}"),
            _ => format!(
                "        stuck    lead {lead}; to deliver it: dragoman crm redrive {account} --lead {lead}"
            ),
        }
    };
    std::iter::once(head.trim_end().to_owned()).chain(one.differences.iter().map(line)).collect()
}

fn text(one: &Checked) -> Vec<String> {
    let mark = if one.problems.is_empty() { "ok" } else { "FAILED" };
    let head = format!("{mark:7} {} {}", one.account, one.says);
    let ends = one.token_ends.map(|at| format!("        the token ends on {at}"));
    std::iter::once(head.trim_end().to_owned())
        .chain(ends)
        .chain(one.problems.iter().map(|problem| format!("        {problem}")))
        .chain(one.warnings.iter().map(|warning| format!("        warning: {warning}")))
        .collect()
}

/// A schema as lines for people: ids first, since they are what a mapping takes.
fn listed(schema: &Value) -> Vec<String> {
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut lines = vec![format!("{} ({})", text(schema, "account"), text(schema, "currency"))];
    for (head, key) in [("fields of a deal", "deal_fields"), ("fields of a person", "contact_fields")] {
        lines.push(format!("{head}:"));
        for field in list(&schema[key]) {
            let choices: Vec<String> =
                list(&field["choices"]).iter().map(|choice| text(choice, "name")).collect();
            let choices =
                if choices.is_empty() { String::new() } else { format!(": {}", choices.join(", ")) };
            let kind = text(&field, "kind");
            lines.push(format!("  {}  {} ({kind}{choices})", text(&field, "id"), text(&field, "name")));
        }
    }
    lines.push("pipelines and their stages:".to_owned());
    for pipeline in list(&schema["pipelines"]) {
        lines.push(format!("  {}  {}", text(&pipeline, "id"), text(&pipeline, "name")));
        for stage in list(&pipeline["stages"]) {
            lines.push(format!("    {}  {}", text(&stage, "id"), text(&stage, "name")));
        }
    }
    lines.push("people:".to_owned());
    lines.extend(
        list(&schema["people"])
            .iter()
            .map(|person| format!("  {}  {}", text(person, "id"), text(person, "name"))),
    );
    lines
}

/// `24h` is so long before now.
fn time(since: &str, now: Timestamp) -> Result<Timestamp> {
    let wrong = || {
        format!("--since takes a time (2026-11-01T00:00:00Z) or how long ago (30m, 24h, 7d), not {since:?}")
    };
    if let Ok(time) = since.parse() {
        return Ok(time);
    }
    let (number, unit) = since.split_at_checked(since.len().saturating_sub(1)).with_context(wrong)?;
    let hours = match unit {
        "h" => 60,
        "d" => 24 * 60,
        "m" => 1,
        _ => bail!(wrong()),
    };
    let minutes: i64 = number.parse().ok().filter(|number| *number >= 0).with_context(wrong)?;
    let ago = minutes.checked_mul(hours).and_then(|minutes| minutes.checked_mul(60)).with_context(wrong)?;
    now.checked_sub(SignedDuration::from_secs(ago)).ok().with_context(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn since_is_a_time_or_how_long_ago() {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let at = |since: &str| time(since, now).map(|time| time.to_string());
        assert_eq!(at("24h").unwrap(), "2026-11-27T12:00:00Z");
        assert_eq!(at("7d").unwrap(), "2026-11-21T12:00:00Z");
        assert_eq!(at("30m").unwrap(), "2026-11-28T11:30:00Z");
        assert_eq!(at("2026-11-01T00:00:00Z").unwrap(), "2026-11-01T00:00:00Z");
        for wrong in ["", "h", "-1h", "yesterday", "5ю", "99999999999999999d"] {
            let error = at(wrong).unwrap_err().to_string();
            assert!(error.contains("how long ago"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_schema_is_listed_with_the_ids_that_a_mapping_takes() {
        let schema = json!({
            "account": "Acme", "currency": "RUB",
            "deal_fields": [{ "id": "901", "name": "Warmth", "kind": "choice", "choices": [{ "id": "1", "name": "hot" }] }],
            "contact_fields": [],
            "pipelines": [{ "id": "111", "name": "Sales", "stages": [{ "id": "222", "name": "New" }] }],
            "people": [{ "id": "333", "name": "Olga" }],
        });
        assert_eq!(
            listed(&schema),
            [
                "Acme (RUB)",
                "fields of a deal:",
                "  901  Warmth (choice: hot)",
                "fields of a person:",
                "pipelines and their stages:",
                "  111  Sales",
                "    222  New",
                "people:",
                "  333  Olga",
            ]
        );
    }
}
