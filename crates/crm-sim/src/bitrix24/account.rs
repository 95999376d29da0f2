//! What is set up in the portal: its fields, stages and people, and the ids that tests name.

use super::item::Kind;
use crate::{Ends, Stage};

/// A field of leads: a number.
pub const BUDGET: &str = "ufCrm_1700000001";
/// Of leads: hot, warm or cold.
pub const SEGMENT: &str = "ufCrm_1700000002";
pub const DEADLINE: &str = "ufCrm_1700000003";
/// Of leads: several of Telegram, phone and letter.
pub const CHANNELS: &str = "ufCrm_1700000004";
pub const HAS_SITE: &str = "ufCrm_1700000005";
/// Of leads: several links.
pub const SITES: &str = "ufCrm_1700000006";
pub const BRIEF: &str = "ufCrm_1700000007";
/// Of leads, and called as the one of people is.
pub const LEAD_TELEGRAM: &str = "ufCrm_1700000008";
/// Of leads only.
pub const TEAM: &str = "ufCrm_1700000009";
/// Of deals, and called as the one of leads is.
pub const DEAL_BUDGET: &str = "ufCrm_1700000101";
pub const DEAL_SEGMENT: &str = "ufCrm_1700000102";
/// Of people: the number of their Telegram account.
pub const TELEGRAM: &str = "ufCrm_1700000201";
/// Of people only.
pub const CITY: &str = "ufCrm_1700000202";

/// Two who work there.
pub const ANNA: i64 = 1;
pub const BORIS: i64 = 2;
/// Worked there.
pub const GONE: i64 = 3;

/// A field as `crm.item.fields` describes it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) kind: &'static str,
    pub(super) multiple: bool,
    pub(super) read_only: bool,
    /// Of a `crm_status`: of which directory.
    pub(super) directory: &'static str,
    /// Of an enumeration.
    pub(super) items: Vec<(i64, &'static str)>,
}

impl Field {
    /// `UF_CRM_1700000001`, `SOURCE_ID`
    pub(super) fn upper(&self) -> String {
        let one =
            |c: char| if c.is_ascii_uppercase() { format!("_{c}") } else { c.to_uppercase().to_string() };
        self.id.chars().map(one).collect()
    }
}

fn field(id: &str, title: &str, kind: &'static str) -> Field {
    let (id, title) = (id.to_owned(), title.to_owned());
    Field { id, title, kind, multiple: false, read_only: false, directory: "", items: Vec::new() }
}

fn many(field: Field) -> Field {
    Field { multiple: true, ..field }
}

fn fixed(field: Field) -> Field {
    Field { read_only: true, ..field }
}

fn status(id: &str, title: &str, directory: &'static str) -> Field {
    Field { directory, ..field(id, title, "crm_status") }
}

fn choice(id: &str, title: &str, items: &[(i64, &'static str)]) -> Field {
    Field { items: items.to_vec(), ..field(id, title, "enumeration") }
}

pub(super) fn fields(kind: Kind) -> Vec<Field> {
    let mut fields = vec![
        fixed(field("id", "ID", "integer")),
        fixed(field("createdTime", "Created on", "datetime")),
        field("assignedById", "Responsible person", "user"),
        field("opened", "Available to everyone", "boolean"),
        field("comments", "Comment", "text"),
        status("sourceId", "Source", "SOURCE"),
        field("sourceDescription", "Source information", "text"),
        field("originatorId", "External source", "string"),
        field("originId", "Item ID in data source", "string"),
    ];
    let utm = ["utmSource", "utmMedium", "utmCampaign", "utmContent", "utmTerm"];
    fields.extend(utm.map(|id| field(id, id, "string")));
    let of_a_person = [
        field("name", "First name", "string"),
        field("lastName", "Last name", "string"),
        field("post", "Position", "string"),
        field("birthdate", "Date of birth", "date"),
        many(field("fm", "Multifields", "crm_multifield")),
    ];
    let of_a_deal = [
        field("title", "Name", "string"),
        status("stageId", "Stage", if kind == Kind::Lead { "STATUS" } else { "DEAL_STAGE" }),
        fixed(field("stageSemanticId", "Stage group", "string")),
        field("opportunity", "Amount", "double"),
        field("isManualOpportunity", "Amount calculation mode", "boolean"),
        field("currencyId", "Currency", "crm_currency"),
        field("contactId", "Contact", "crm_contact"),
        many(field("contactIds", "Contacts", "crm_contact")),
        fixed(field("isReturnCustomer", "Repeat customer", "boolean")),
    ];
    match kind {
        Kind::Lead => {
            fields.extend(of_a_person.into_iter().chain(of_a_deal));
            fields.push(field("companyTitle", "Company name", "string"));
            fields.extend(of_leads());
        }
        Kind::Deal => {
            fields.extend(of_a_deal);
            fields.extend([
                field("categoryId", "Pipeline", "crm_category"),
                fixed(field("closed", "Closed", "boolean")),
                field("leadId", "Lead", "crm_lead"),
                field(DEAL_BUDGET, "Budget", "double"),
                choice(DEAL_SEGMENT, "Segment", &[(91, "hot"), (92, "warm"), (93, "cold")]),
            ]);
        }
        Kind::Contact => {
            fields.extend(of_a_person);
            fields.push(field("leadId", "Lead", "crm_lead"));
            fields.extend([field(TELEGRAM, "Telegram ID", "string"), field(CITY, "City", "string")]);
        }
    }
    fields
}

fn of_leads() -> [Field; 9] {
    [
        field(BUDGET, "Budget", "double"),
        choice(SEGMENT, "Segment", &[(81, "hot"), (82, "warm"), (83, "cold")]),
        field(DEADLINE, "Deadline", "date"),
        many(choice(CHANNELS, "Channels", &[(85, "Telegram"), (86, "phone"), (87, "letter")])),
        field(HAS_SITE, "Has a site", "boolean"),
        many(field(SITES, "Sites", "url")),
        field(BRIEF, "Brief", "file"),
        field(LEAD_TELEGRAM, "Telegram ID", "string"),
        field(TEAM, "People in the team", "integer"),
    ]
}

/// An entry of a directory: which one, its id there, what it is called, and whether a deal ends with it: `S` well, `F`
/// badly.
pub(super) type Entry = (&'static str, &'static str, &'static str, Option<&'static str>);

pub(super) const DIRECTORIES: &[Entry] = &[
    ("STATUS", "NEW", "Unprocessed", None),
    ("STATUS", "IN_PROCESS", "In progress", None),
    ("STATUS", "PROCESSED", "Processed", None),
    ("STATUS", "CONVERTED", "Good lead", Some("S")),
    ("STATUS", "JUNK", "Junk lead", Some("F")),
    ("SOURCE", "CALL", "Call", None),
    ("SOURCE", "WEB", "Website", None),
    ("SOURCE", "UC_TELEGRAM", "Telegram bot", None),
    ("DEAL_STAGE", "NEW", "New", None),
    ("DEAL_STAGE", "EXECUTING", "In progress", None),
    ("DEAL_STAGE", "WON", "Deal won", Some("S")),
    ("DEAL_STAGE", "LOSE", "Deal lost", Some("F")),
    ("DEAL_STAGE_9", "C9:NEW", "Asked", None),
    ("DEAL_STAGE_9", "C9:WON", "Repaired", Some("S")),
    ("DEAL_STAGE_9", "C9:LOSE", "Given up", Some("F")),
];

/// Pipelines of deals.
pub(super) const CATEGORIES: &[(i64, &str)] = &[(0, "General"), (9, "Repair")];

pub(super) const CURRENCIES: &[&str] = &["RUB", "USD", "EUR"];

/// What a stage means: `P` of one in which a deal goes on.
pub(super) fn semantics(kind: Kind, stage: &str) -> Option<&'static str> {
    let of_kind = |entry: &&Entry| match kind {
        Kind::Lead => entry.0 == "STATUS",
        Kind::Deal => entry.0.starts_with("DEAL_STAGE"),
        Kind::Contact => false,
    };
    DIRECTORIES.iter().filter(of_kind).find(|entry| entry.1 == stage).map(|entry| entry.3.unwrap_or("P"))
}

/// The stages of leads, or of the deals of a pipeline.
pub(super) fn stages(kind: Kind, category: i64) -> Vec<Stage> {
    let directory = match (kind, category) {
        (Kind::Lead, _) => "STATUS".to_owned(),
        (_, 0) => "DEAL_STAGE".to_owned(),
        (_, category) => format!("DEAL_STAGE_{category}"),
    };
    let stages = DIRECTORIES.iter().filter(|(of, ..)| *of == directory);
    let shown = stages.map(|(_, id, name, ends)| Stage {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        ends: ends.map(|how| if how == "S" { Ends::Won } else { Ends::Lost }),
    });
    shown.collect()
}

pub(super) fn text_field(id: &str, title: &str) -> Field {
    field(id, title, "string")
}
