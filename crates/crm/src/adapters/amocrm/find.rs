//! Looking for a person. amoCRM's search is generous (it looks for the words anywhere), so each of what it finds is
//! compared with what was looked for.

use std::collections::HashMap;

use serde_json::Value;

use super::super::{FindBy, Trouble};
use super::line::Line;
use super::mark::values;
use super::reading::{is_true, list, number};
use super::refusal;
use super::schema::{LOST, WON};
use crate::domain::deal::{Contact, Match};

/// Pages of what one search finds.
const MOST_PAGES: usize = 4;
/// People that are taken for one: more share a telephone only where it is the office's.
const MOST_PEOPLE: usize = 20;
/// Deals that are looked at, the newest: a page of them.
const MOST_DEALS: usize = 100;
/// A shorter telephone says nothing of whose it is.
const SHORTEST_PHONE: usize = 7;

/// What somebody is known by.
enum Known<'a> {
    /// Digits alone.
    Phone(String),
    Email(String),
    Telegram {
        field: &'a str,
        id: String,
    },
}

impl<'a> Known<'a> {
    fn new(contact: &Contact, by: FindBy, telegram_field: &'a str) -> Option<Self> {
        match by {
            FindBy::Phone => {
                let digits = digits(contact.phone.expose());
                (digits.len() >= SHORTEST_PHONE).then_some(Self::Phone(digits))
            }
            FindBy::Email => {
                let email = contact.email.expose().trim().to_lowercase();
                email.contains('@').then_some(Self::Email(email))
            }
            FindBy::Telegram => {
                let is_known = contact.telegram_user_id != 0 && !telegram_field.is_empty();
                let id = contact.telegram_user_id.to_string();
                is_known.then_some(Self::Telegram { field: telegram_field, id })
            }
        }
    }

    /// What to search for. In Russia and Kazakhstan people write an 8 where others write +7.
    fn queries(&self) -> Vec<String> {
        match self {
            Self::Phone(digits) => {
                let at_home = local(digits).map(|rest| format!("8{rest}"));
                [Some(digits.clone()), at_home].into_iter().flatten().collect()
            }
            Self::Email(email) => vec![email.clone()],
            Self::Telegram { id, .. } => vec![id.clone()],
        }
    }

    fn is(&self, person: &Value) -> bool {
        match self {
            Self::Phone(wanted) => values(person, "PHONE").any(|phone| is_same(&digits(&phone), wanted)),
            Self::Email(wanted) => values(person, "EMAIL").any(|email| email.to_lowercase() == *wanted),
            Self::Telegram { field, id } => values(person, field).any(|value| value == *id),
        }
    }
}

fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits.strip_prefix("00").map(str::to_owned).unwrap_or(digits)
}

/// A number of Russia or Kazakhstan without its country.
fn local(digits: &str) -> Option<&str> {
    digits.strip_prefix('7').filter(|rest| rest.len() == 10)
}

fn is_same(there: &str, wanted: &str) -> bool {
    let at_home = |rest: &str| there == rest || there.strip_prefix('8') == Some(rest);
    there == wanted || local(wanted).is_some_and(at_home)
}

pub(super) async fn people(
    line: &Line,
    contact: &Contact,
    by: &[FindBy],
    telegram_field: &str,
) -> Result<Vec<Match>, Trouble> {
    let mut found: Vec<(i64, Vec<i64>)> = Vec::new();
    for known in by.iter().filter_map(|by| Known::new(contact, *by, telegram_field)) {
        for query in known.queries() {
            let query = [("query", query.as_str()), ("with", "leads")];
            for person in line.pages("contacts", "contacts", &query, MOST_PAGES).await? {
                let Some(id) = number(&person, "/id") else { continue };
                let is_there = found.iter().any(|(there, _)| *there == id);
                if !is_there && !is_true(&person, "/is_deleted") && known.is(&person) {
                    found.push((id, deals_of(&person)));
                }
            }
        }
    }
    found.truncate(MOST_PEOPLE);
    matched(line, found).await
}

/// The person with this id; none where they were thrown away or merged into somebody else.
pub(super) async fn person(line: &Line, id: &str) -> Result<Option<Match>, Trouble> {
    let id = refusal::id("contact", id).map_err(|fault| refusal::before(vec![fault]))?;
    let person = line.one(&format!("contacts/{id}"), &[("with", "leads")]).await?;
    let Some(person) = person.filter(|person| !is_true(person, "/is_deleted")) else { return Ok(None) };
    Ok(matched(line, vec![(id, deals_of(&person))]).await?.pop())
}

fn deals_of(person: &Value) -> Vec<i64> {
    list(person, "/_embedded/leads").iter().filter_map(|deal| number(deal, "/id")).collect()
}

/// People, each with those of their deals that are open.
async fn matched(line: &Line, found: Vec<(i64, Vec<i64>)>) -> Result<Vec<Match>, Trouble> {
    let open = open_deals(line, found.iter().flat_map(|(_, deals)| deals.iter().copied()).collect()).await?;
    let matched = |(id, mut deals): (i64, Vec<i64>)| {
        deals.retain(|deal| open.contains_key(deal));
        // Ids grow with time too.
        deals.sort_unstable_by_key(|deal| std::cmp::Reverse((open.get(deal).copied(), *deal)));
        deals.dedup();
        let open_deals = deals.iter().map(ToString::to_string).collect();
        Match { contact: id.to_string(), open_deals }
    };
    Ok(found.into_iter().map(matched).collect())
}

/// Those of the deals that are neither won nor lost, each with when it was made (Unix seconds).
async fn open_deals(line: &Line, mut deals: Vec<i64>) -> Result<HashMap<i64, i64>, Trouble> {
    if deals.is_empty() {
        return Ok(HashMap::new());
    }
    deals.sort_unstable_by_key(|deal| std::cmp::Reverse(*deal));
    deals.dedup();
    deals.truncate(MOST_DEALS);
    let ids: Vec<String> = deals.iter().map(ToString::to_string).collect();
    let query: Vec<(&str, &str)> = ids.iter().map(|id| ("filter[id][]", id.as_str())).collect();
    let found = line.pages("leads", "leads", &query, 1).await?;
    let is_open = |deal: &&Value| {
        let stage = number(deal, "/status_id");
        stage.is_some_and(|stage| stage != WON && stage != LOST) && !is_true(deal, "/is_deleted")
    };
    let dated = |deal: &Value| Some((number(deal, "/id")?, number(deal, "/created_at").unwrap_or(0)));
    Ok(found.iter().filter(is_open).filter_map(dated).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_is_the_same_however_a_manager_writes_it() {
        let is = |there: &str, wanted: &str| is_same(&digits(there), &digits(wanted));
        for there in ["+7 (912) 987-65-43", "8 912 987 65 43", "912 987-65-43", "0079129876543"] {
            assert!(is(there, "+79129876543"), "{there}");
        }
        for there in ["+7 495 987-65-43", "+1 912 987 65 43", "987-65-43", "", "+791298765430"] {
            assert!(!is(there, "+79129876543"), "{there}");
        }
        assert!(is("+49 30 901820", "+4930901820"));
        assert!(!is("8 30 901820", "+4930901820"));
    }
}
