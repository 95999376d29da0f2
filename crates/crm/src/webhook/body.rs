use events::message::bot::{LeadCaptured, LeadFile};
use ids::Timestamp;
use serde::Serialize;

/// The body of `lead.created`. Its shape is public: fields are added, never changed.
#[derive(Serialize)]
struct LeadCreated<'a> {
    r#type: &'static str,
    /// When the lead was captured, RFC 3339.
    timestamp: Timestamp,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    lead_id: &'a str,
    bot: &'a str,
    language: &'a str,
    /// "hot", "warm" or "cold".
    temperature: &'a str,
    score: i32,
    /// Why the score is what it is.
    evidence: Vec<Evidence<'a>>,
    contact: Contact<'a>,
    answers: Vec<Answer<'a>>,
    /// What the person sent; each is fetched by a link, which is given out by its id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<File<'a>>,
    /// The payload of the start link that brought the person.
    #[serde(skip_serializing_if = "str::is_empty")]
    start_payload: &'a str,
}

#[derive(Serialize)]
struct Evidence<'a> {
    rule: &'a str,
    points: i32,
}

#[derive(Default, Serialize)]
struct Contact<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    telegram_username: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    email: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    phone: &'a str,
    telegram_user_id: i64,
}

#[derive(Serialize)]
struct Answer<'a> {
    field: &'a str,
    /// As it was understood.
    value: &'a str,
    /// As the person gave it.
    text: &'a str,
}

#[derive(Serialize)]
struct File<'a> {
    id: &'a str,
    name: &'a str,
    /// Empty while the file is still being looked through.
    media_type: &'a str,
    size_bytes: i64,
}

impl<'a> File<'a> {
    fn of(file: &'a LeadFile) -> Self {
        let LeadFile { file_id: id, name, media_type, size_bytes } = file;
        Self { id, name, media_type, size_bytes: *size_bytes }
    }
}

/// The JSON that is signed and sent for a lead.
pub(crate) fn lead_created(lead: &LeadCaptured) -> Result<String, serde_json::Error> {
    let contact = lead.contact.as_ref().map_or_else(Contact::default, |c| Contact {
        name: &c.name,
        telegram_username: &c.username,
        email: &c.email,
        phone: &c.phone,
        telegram_user_id: c.telegram_user_id,
    });
    serde_json::to_string(&LeadCreated {
        r#type: "lead.created",
        timestamp: Timestamp::from_millisecond(lead.at_ms).unwrap_or(Timestamp::UNIX_EPOCH),
        data: Data {
            lead_id: &lead.lead_id,
            bot: &lead.bot,
            language: &lead.language,
            temperature: &lead.temperature,
            score: lead.score,
            evidence: lead.evidence.iter().map(|e| Evidence { rule: &e.rule, points: e.points }).collect(),
            contact,
            answers: lead
                .answers
                .iter()
                .map(|a| Answer { field: &a.field, value: &a.value, text: &a.text })
                .collect(),
            files: lead.files.iter().map(File::of).collect(),
            start_payload: &lead.start_payload,
        },
    })
}
