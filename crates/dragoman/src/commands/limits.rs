use anyhow::{Context, Result, anyhow, bail};
use bot::Bot;
use bot::limits::{self, LimitStep, LimitedPerson};
use ids::{Clock, Ids};
use serde_json::json;

use super::print;
use crate::cli::{Limits, Whom};
use crate::environment;

pub(super) async fn limits(command: &Limits) -> Result<()> {
    let (Limits::List { source, .. } | Limits::Show { source, .. } | Limits::Lift { source, .. }) = command;
    let pool = service_kit::pool(&Bot, &environment::settings(source.config.as_deref())?).await?;
    let mut connection = pool.acquire().await.context("the database gave no connection")?;
    match command {
        Limits::List { bot, most, json, .. } => {
            let now_ms = Clock::system().now_ms();
            let limited = limits::list(&mut connection, bot.as_deref(), now_ms, *most).await?;
            for one in &limited {
                print(&if *json { serde_json::to_string(one)? } else { line(one) })?;
            }
            if limited.is_empty() && !json {
                print("nobody is limited")?;
            }
            Ok(())
        }
        Limits::Show { whom, json, .. } => {
            let (chat, person) = place(whom);
            let steps = limits::show(&mut connection, &whom.bot, chat, person).await?;
            if steps.is_empty() && !json {
                print("nothing was done about them")?;
            }
            for step in &steps {
                print(&if *json { serde_json::to_string(step)? } else { told(step) })?;
            }
            Ok(())
        }
        Limits::Lift { whom, json, .. } => {
            let (chat, person) = place(whom);
            let steps = limits::show(&mut connection, &whom.bot, chat, person).await?;
            if steps.last().is_none_or(|step| step.change == "lifted") {
                bail!("there is nothing to lift; see dragoman limits list");
            }
            let lifted = limits::lift(&mut connection, &Ids::system(), &whom.bot, chat, person).await;
            lifted.map_err(|failure| anyhow!("it can not be lifted: {failure}"))?;
            print(&if *json {
                json!({ "bot": whom.bot, "chat_id": chat, "person": person, "lifting": true }).to_string()
            } else {
                format!("{} lifts it as soon as it runs, within a second or two", whom.bot)
            })
        }
    }
}

/// The chat and the person; in private the chat is the person's.
fn place(whom: &Whom) -> (i64, i64) {
    let person = whom.person.unwrap_or(0);
    (whom.chat.unwrap_or(person), person)
}

fn line(one: &LimitedPerson) -> String {
    let who = match (one.person, one.chat_id) {
        (0, chat) => format!("the group {chat}"),
        (person, chat) if person == chat => person.to_string(),
        (person, chat) => format!("{person} in the group {chat}"),
    };
    let until = one.until.map_or_else(String::new, |until| format!(" until {until:.0}"));
    let appeal = if one.appealed { ", has appealed" } else { "" };
    format!("{} {who}\n  {}{until} since {:.0}: {}{appeal}", one.bot, one.change, one.at, one.why)
}

fn told(step: &LimitStep) -> String {
    let until = step.until.map_or_else(String::new, |until| format!(" until {until:.0}"));
    let words = step.words.as_ref().map_or_else(String::new, |words| format!("\n  “{words}”"));
    format!("{:.0} {}{until}: {}{words}", step.at, step.change, step.why)
}

#[cfg(test)]
mod tests {
    use ids::Timestamp;

    use super::*;

    #[test]
    fn a_person_is_told_from_a_person_in_a_group_and_from_a_group() {
        let one = |chat_id, person| LimitedPerson {
            bot: "sales".to_owned(),
            chat_id,
            person,
            change: "paused".to_owned(),
            why: "repeated".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            until: Some(Timestamp::UNIX_EPOCH),
            appealed: true,
        };
        let lines = [(77, 77), (-5, 77), (-5, 0)].map(|(chat, person)| line(&one(chat, person)));
        assert_eq!(
            lines[0],
            "sales 77\n  paused until 1970-01-01T00:00:00Z since 1970-01-01T00:00:00Z: repeated, has appealed"
        );
        assert!(
            lines[1].starts_with("sales 77 in the group -5\n")
                && lines[2].starts_with("sales the group -5\n")
        );
    }
}
