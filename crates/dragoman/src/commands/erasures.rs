use anyhow::{Context, Result, anyhow, bail};
use bot::erasures::{self, Erasure};
use ids::{Clock, Ids, Uuid};

use super::print;
use crate::cli::Erasures;
use crate::{environment, roles};

pub(super) async fn erasures(command: &Erasures) -> Result<()> {
    let source = match command {
        Erasures::List { source, .. } | Erasures::Show { source, .. } | Erasures::Cancel { source, .. } => {
            source
        }
    };
    let settings = environment::settings(source.config.as_deref())?;
    let pool = service_kit::pool(roles::one("bot")?, &settings).await?;
    let mut connection = pool.acquire().await.context("the database gave no connection")?;
    match command {
        Erasures::List { most, json, .. } => {
            let found = erasures::list(&mut connection, *most).await?;
            for erasure in &found {
                print(&if *json { serde_json::to_string(erasure)? } else { as_text(erasure) })?;
            }
            if found.is_empty() && !json {
                print("nobody has asked to be forgotten")?;
            }
        }
        Erasures::Show { id, json, .. } => {
            let Some(erasure) = erasures::show(&mut connection, *id).await? else { return none(*id) };
            if *json {
                return print(&serde_json::to_string(&erasure)?);
            }
            print(&as_text(&erasure))?;
            if let (Some(certificate), Some(sha256)) = (&erasure.certificate, &erasure.certificate_sha256) {
                print(&format!("{certificate:#}\nSHA-256 of the certificate: {sha256}"))?;
            }
        }
        Erasures::Cancel { id, json, .. } => {
            drop(connection);
            let cancelled = erasures::cancel(&pool, &Clock::system(), &Ids::system(), *id).await;
            let cancelled = cancelled.map_err(|failure| anyhow!("{failure}"))?;
            match (cancelled, json) {
                (true, true) => print(&serde_json::json!({ "id": id, "state": "cancelled" }).to_string())?,
                (true, false) => print(&format!("{id} is called off; the person is told"))?,
                (false, _) => {
                    bail!(
                        "no erasure {id} is waiting, and one that has begun can not be taken back; see dragoman erasures list"
                    )
                }
            }
        }
    }
    Ok(())
}

fn none(id: Uuid) -> Result<()> {
    bail!("there is no erasure {id}; see dragoman erasures list")
}

fn as_text(erasure: &Erasure) -> String {
    let Erasure { id, bot, state, requested_at, due_at, .. } = erasure;
    let mut text = format!("{id} {state}\n  {bot}, requested {requested_at}, due {due_at}");
    if let Some(at) = erasure.cancelled_at {
        text.push_str(&format!("\n  called off {at}"));
    }
    if let Some(at) = erasure.started_at {
        let answered =
            if erasure.answered.is_empty() { "nobody".to_owned() } else { erasure.answered.join(", ") };
        text.push_str(&format!("\n  begun {at}, asked {} times, answered by {answered}", erasure.asked));
    }
    if let Some(at) = erasure.finished_at {
        text.push_str(&format!("\n  done {at}"));
    }
    text
}
