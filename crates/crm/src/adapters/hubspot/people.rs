//! People: found by what identifies them, and made.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::phone::{END, digits, is_number};
use super::refusal::{self, Names};
use super::search::{self, Filter};
use super::wire::{Object, Page};
use super::{Hubspot, objects};
use crate::adapters::{Drafted, FindBy, Trouble};
use crate::domain::deal::{Contact, Match};

/// People who are taken for one at most, each with two requests for their deals.
const MOST: usize = 10;

impl Hubspot {
    pub(super) async fn find_people(&self, contact: &Contact, by: &[FindBy]) -> Result<Vec<Match>, Trouble> {
        let mut people: Vec<String> = Vec::new();
        for by in by {
            let found = match by {
                FindBy::Telegram => self.by_telegram(contact).await?,
                FindBy::Phone => self.by_phone(contact).await?,
                FindBy::Email => self.by_email(contact).await?,
            };
            for person in found {
                if !people.contains(&person.id.0) && people.len() < MOST {
                    people.push(person.id.0);
                }
            }
        }
        let mut matches = Vec::with_capacity(people.len());
        for person in people {
            // None: the search is behind, and they are not there any more.
            if let Some(open_deals) = self.open_deals(&person).await? {
                matches.push(Match { contact: person, open_deals });
            }
        }
        Ok(matches)
    }

    async fn by_telegram(&self, contact: &Contact) -> Result<Vec<Object>, Trouble> {
        let Some(property) = &self.telegram_field else { return Ok(Vec::new()) };
        if contact.telegram_user_id == 0 {
            return Ok(Vec::new());
        }
        let id = contact.telegram_user_id.to_string();
        if self.fields.is_unique(&self.api, "contacts", property).await? {
            // Not by search: whoever was just made is found too.
            let found = objects::by_value(&self.api, "contacts", (property, &id), None).await?;
            return Ok(found.into_iter().collect());
        }
        let filter = Filter { property, operator: "EQ", value: &id };
        let found =
            search::any(&self.api, "contacts", &[filter], &[property], &self.names_of(contact)).await?;
        Ok(found.into_iter().filter(|person| person.text(property) == id).collect())
    }

    /// Numbers stand in HubSpot as somebody has typed them; what it searches in beside them is without the country.
    async fn by_phone(&self, contact: &Contact) -> Result<Vec<Object>, Trouble> {
        let digits = digits(contact.phone.expose());
        let Some(at) = digits.len().checked_sub(END) else { return Ok(Vec::new()) };
        let end = format!("*{}", &digits[at..]);
        let (equal, ends) = (|property| (property, "EQ"), |property| (property, "CONTAINS_TOKEN"));
        let filters = [
            equal("phone"),
            equal("mobilephone"),
            ends("hs_searchable_calculated_phone_number"),
            ends("hs_searchable_calculated_mobile_number"),
        ];
        let filters = filters.map(|(property, operator)| {
            let value = if operator == "EQ" { contact.phone.expose() } else { &end };
            Filter { property, operator, value }
        });
        let properties = ["phone", "mobilephone"];
        let found =
            search::any(&self.api, "contacts", &filters, &properties, &self.names_of(contact)).await?;
        let is =
            |person: &Object| properties.iter().any(|property| is_number(person.text(property), &digits));
        Ok(found.into_iter().filter(is).collect())
    }

    /// Not by search: an e-mail is unique in HubSpot, and whoever was just made is found too.
    async fn by_email(&self, contact: &Contact) -> Result<Vec<Object>, Trouble> {
        let email = contact.email.expose().trim();
        if email.is_empty() {
            return Ok(Vec::new());
        }
        match objects::by_value(&self.api, "contacts", ("email", email), None).await {
            Ok(found) => Ok(found.into_iter().collect()),
            // It is none; nobody has it, and HubSpot says what is wrong with it when the person is made.
            Err(Trouble::Rejected { status: 400, .. }) => Ok(Vec::new()),
            Err(trouble) => Err(trouble),
        }
    }

    /// The newest first; none where there is no such person.
    pub(super) async fn open_deals(&self, person: &str) -> Result<Option<Vec<String>>, Trouble> {
        let Some(deals) = objects::tied(&self.api, "contacts", person, "deals").await? else {
            return Ok(None);
        };
        let properties = ["hs_is_closed", "createdate"];
        let mut deals = objects::read(&self.api, "deals", &deals, &properties).await?;
        deals.retain(|deal| deal.text("hs_is_closed") != "true");
        // Times of one form sort as texts.
        deals.sort_by(|a, b| (b.text("createdate"), &b.id).cmp(&(a.text("createdate"), &a.id)));
        Ok(Some(deals.into_iter().map(|deal| deal.id.0).collect()))
    }

    pub(super) async fn make_contact(&self, contact: &Contact) -> Result<String, Trouble> {
        let properties = self.properties_of(contact).await?;
        let refused = match self.key(contact).await? {
            Some((property, value)) => self.upsert(property, &value, &properties).await?,
            None => self.create(&properties).await?,
        };
        let refused = match refused {
            Ok(id) => return Ok(id),
            Err(refused) => refused,
        };
        self.fields.forget().await;
        Err(refusal::rejected(&refused, &self.names_of(contact)))
    }

    /// All but what HubSpot itself knows them by.
    async fn properties_of(&self, contact: &Contact) -> Result<Map<String, Value>, Trouble> {
        let mut properties = Map::new();
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                properties.insert(name.to_owned(), value.into());
            }
        };
        let name = contact.name.expose().trim();
        let (first, last) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
        put("firstname", first);
        put("lastname", last.trim());
        put("phone", contact.phone.expose());
        if let (Some(property), true) = (&self.telegram_field, contact.telegram_user_id != 0) {
            put(property, &contact.telegram_user_id.to_string());
        }
        self.fields.fill(&self.api, "contacts", &contact.fields, &mut properties).await?;
        Ok(properties)
    }

    /// Somebody new, as they would be sent.
    pub(super) async fn drafted(&self, contact: &Contact) -> Result<Drafted, Trouble> {
        let properties = self.properties_of(contact).await?;
        Ok(match self.key(contact).await? {
            Some((property, value)) => Drafted {
                call: "POST crm/v3/objects/contacts/batch/upsert".to_owned(),
                body: upserted(property, &value, &properties),
            },
            None => Drafted {
                call: "POST crm/v3/objects/contacts".to_owned(),
                body: json!({ "properties": properties }),
            },
        })
    }

    /// By which HubSpot itself knows that it has somebody: their e-mail, or their Telegram account where its property has unique
    /// values.
    async fn key(&self, contact: &Contact) -> Result<Option<(&str, String)>, Trouble> {
        let email = contact.email.expose().trim();
        if !email.is_empty() {
            return Ok(Some(("email", email.to_owned())));
        }
        match &self.telegram_field {
            Some(property)
                if contact.telegram_user_id != 0
                    && self.fields.is_unique(&self.api, "contacts", property).await? =>
            {
                Ok(Some((property, contact.telegram_user_id.to_string())))
            }
            _ => Ok(None),
        }
    }

    /// Twice is twice, where HubSpot does not find out itself.
    async fn create(&self, properties: &Map<String, Value>) -> Result<Result<String, Refused>, Trouble> {
        let body = json!({ "properties": properties });
        let reply = self.api.write(Method::POST, &["crm", "v3", "objects", "contacts"], &body).await?;
        if reply.is_success() {
            return Ok(Ok(reply.json::<Object>()?.id.0));
        }
        Ok(existing(Box::new(reply)))
    }

    /// Twice is the same as once.
    async fn upsert(
        &self,
        property: &str,
        value: &str,
        properties: &Map<String, Value>,
    ) -> Result<Result<String, Refused>, Trouble> {
        let body = upserted(property, value, properties);
        let path = ["crm", "v3", "objects", "contacts", "batch", "upsert"];
        let reply = self.api.write(Method::POST, &path, &body).await?;
        if !reply.is_success() {
            return Ok(existing(Box::new(reply)));
        }
        let person = reply.json::<Page<Object>>().map(|page| page.results.into_iter().next());
        match person {
            Ok(Some(person)) => Ok(Ok(person.id.0)),
            // The batch was taken, and its one input refused.
            _ if reply.status == 207 => Ok(Err(Box::new(reply))),
            Ok(None) => Err(reply.failed()),
            Err(trouble) => Err(trouble),
        }
    }

    fn names_of<'a>(&'a self, contact: &'a Contact) -> Names<'a> {
        let fields = contact.fields.iter().map(|field| (field.theirs.as_str(), field.ours.as_str()));
        let telegram = self.telegram_field.as_deref().map(|property| (property, "telegram"));
        let own = [("firstname", "name"), ("lastname", "name"), ("phone", "phone"), ("email", "email")];
        Names(fields.chain(telegram).chain(own).collect())
    }
}

fn upserted(property: &str, value: &str, properties: &Map<String, Value>) -> Value {
    json!({ "inputs": [{ "idProperty": property, "id": value, "properties": properties }] })
}

/// What HubSpot said when it refused.
type Refused = Box<super::super::call::Reply>;

/// Whom HubSpot has already, where that is why it refuses.
fn existing(reply: Refused) -> Result<String, Refused> {
    refusal::existing_id(&reply).filter(|_| reply.status == 409).ok_or(reply)
}
