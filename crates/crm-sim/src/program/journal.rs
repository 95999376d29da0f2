//! What happens in the account, as lines on the output: for a person, or for a program.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use ids::Clock;
use serde::Serialize;

use crate::Deal;

/// Something that happened.
#[derive(Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Happening<'a> {
    Listens {
        kind: &'a str,
        url: &'a str,
        token: &'a str,
        webhook_secret: &'a str,
        hook: &'a str,
        settings: &'a str,
    },
    Deal(&'a Deal),
    Note {
        deal: &'a str,
        text: &'a str,
    },
    Changed {
        deal: &'a str,
        stage: &'a str,
        price: Option<i64>,
    },
    Gone {
        deal: &'a str,
    },
    Told {
        deal: &'a str,
        hook: &'a str,
        /// `null`: nobody answered in time.
        status: Option<u16>,
    },
}

/// It knows what it has told.
pub(super) struct Journal {
    json: bool,
    known: Mutex<Vec<Deal>>,
}

impl Journal {
    pub(super) fn new(json: bool) -> Self {
        Self { json, known: Mutex::default() }
    }

    pub(super) fn tell(&self, happening: &Happening<'_>) {
        let line = if self.json {
            serde_json::to_string(happening).unwrap_or_default()
        } else {
            let now = Clock::system().now();
            format!("{} {}", now.strftime("%H:%M:%S"), words(happening))
        };
        // Whoever has stopped reading wants no more of it.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }

    /// Tells what is other than it was.
    pub(super) fn look(&self, deals: impl FnOnce() -> Vec<Deal>) {
        // Held while it is told, so that what happens at once is told once, and in its order.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let deals = deals();
        changes(&known, &deals, |happening| self.tell(&happening));
        *known = deals;
    }
}

fn changes<'a>(before: &'a [Deal], now: &'a [Deal], mut tell: impl FnMut(Happening<'a>)) {
    for deal in before.iter().filter(|deal| now.iter().all(|other| other.id != deal.id)) {
        tell(Happening::Gone { deal: &deal.id });
    }
    for deal in now {
        let was = before.iter().find(|other| other.id == deal.id);
        match was {
            None => tell(Happening::Deal(deal)),
            Some(was) if was.stage != deal.stage || was.price != deal.price || was.fields != deal.fields => {
                tell(Happening::Changed { deal: &deal.id, stage: &deal.stage, price: deal.price });
            }
            Some(_) => {}
        }
        let told = was.map_or(0, |was| was.notes.len());
        for text in deal.notes.iter().skip(told) {
            tell(Happening::Note { deal: &deal.id, text });
        }
    }
}

fn words(happening: &Happening<'_>) -> String {
    let price = |price: Option<i64>| price.map(|price| format!(", {price}")).unwrap_or_default();
    match happening {
        Happening::Listens { kind, url, hook, settings, .. } => format!(
            "{kind} listens. Its deals: {url}/\n         Changes are told to {hook}\n         Settings that make it an account:\n\n{settings}"
        ),
        Happening::Deal(deal) => {
            format!("deal {}: {}, in {}{}", deal.id, shown(&deal.name), shown(&deal.stage), price(deal.price))
        }
        Happening::Note { deal, text } => {
            let first = text.split("<br>").flat_map(str::lines).find(|line| !line.trim().is_empty());
            format!("deal {deal}: a note: {}", shown(first.unwrap_or_default()))
        }
        Happening::Changed { deal, stage, price: worth } => {
            format!("deal {deal}: now in {}{}", shown(stage), price(*worth))
        }
        Happening::Gone { deal } => format!("deal {deal}: there no more"),
        Happening::Told { deal, hook, status: Some(status) } => {
            format!("deal {deal}: told to {hook}, which answered {status}")
        }
        Happening::Told { deal, hook, status: None } => {
            format!(
                "deal {deal}: told to {hook}, where nobody answered; move it once more when somebody does"
            )
        }
    }
}

/// Text of somebody else's for a terminal: on one line, and no orders for it.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deal(id: &str, stage: &str, notes: &[&str]) -> Deal {
        let notes = notes.iter().map(|note| (*note).to_owned()).collect();
        Deal {
            id: id.to_owned(),
            name: "A \u{1b}[31mbot".to_owned(),
            stage: stage.to_owned(),
            notes,
            ..Deal::default()
        }
    }

    fn told(before: &[Deal], now: &[Deal]) -> Vec<String> {
        let mut lines = Vec::new();
        changes(before, now, |happening| lines.push(words(&happening)));
        lines
    }

    #[test]
    fn what_is_new_is_told_once_and_orders_no_terminal() {
        let (first, moved) =
            (deal("7", "new", &["<p>Ada\r\nx"]), deal("7", "won", &["<p>Ada\r\nx", "\n\nmore"]));
        let now = std::slice::from_ref(&first);
        assert_eq!(told(&[], now), ["deal 7: A  [31mbot, in new", "deal 7: a note: <p>Ada"]);
        assert_eq!(told(now, now), [""; 0]);
        assert_eq!(told(now, &[moved]), ["deal 7: now in won", "deal 7: a note: more"]);
        assert_eq!(told(now, &[]), ["deal 7: there no more"]);
    }

    #[test]
    fn programs_read_an_object_with_what_happened() {
        let json = |happening: &Happening<'_>| serde_json::to_value(happening).unwrap();
        let told = json(&Happening::Told { deal: "7", hook: "http://x/", status: None });
        assert_eq!(
            told,
            serde_json::json!({ "what": "told", "deal": "7", "hook": "http://x/", "status": null })
        );
        assert_eq!(json(&Happening::Deal(&deal("7", "new", &[])))["what"], "deal");
    }
}
