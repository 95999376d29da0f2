use events::message::bot::{LeadCaptured, LeadFile, ScoreEvidence};
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
    /// The flow whose answers make it.
    #[serde(skip_serializing_if = "str::is_empty")]
    flow: &'a str,
    language: &'a str,
    /// "hot", "warm" or "cold".
    temperature: &'a str,
    score: i32,
    /// Why the score is what it is.
    evidence: Vec<Evidence<'a>>,
    /// The same for people to read, ready for a note: the sum and its thresholds, then a line a reason.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    why: &'a [String],
    contact: Contact<'a>,
    answers: Vec<Answer<'a>>,
    /// What the person sent; each is fetched by a link, which is given out by its id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<File<'a>>,
    /// The payload of the start link that brought the person.
    #[serde(skip_serializing_if = "str::is_empty")]
    start_payload: &'a str,
    /// What the payload tells of where the person came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    utm: Option<Utm<'a>>,
}

#[derive(Serialize)]
struct Utm<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    source: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    medium: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    campaign: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    term: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    content: &'a str,
}

#[derive(Serialize)]
pub(super) struct Evidence<'a> {
    rule: &'a str,
    points: i32,
    /// What the person said that earned them.
    #[serde(skip_serializing_if = "str::is_empty")]
    words: &'a str,
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
    /// Nobody asked for it: it was found in what the person wrote.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    found: bool,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(evidence: &'a ScoreEvidence) -> Self {
        Self { rule: &evidence.rule, points: evidence.points, words: &evidence.words }
    }
}

#[derive(Serialize)]
pub(super) struct File<'a> {
    id: &'a str,
    name: &'a str,
    /// Empty while the file is still being looked through.
    media_type: &'a str,
    size_bytes: i64,
}

impl<'a> File<'a> {
    pub(super) fn of(file: &'a LeadFile) -> Self {
        let LeadFile { file_id: id, name, media_type, size_bytes } = file;
        Self { id, name, media_type, size_bytes: *size_bytes }
    }
}

/// What an endpoint asks for by this name.
pub(crate) const LEAD_CREATED: &str = "lead.created";

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
        r#type: LEAD_CREATED,
        timestamp: Timestamp::from_millisecond(lead.at_ms).unwrap_or(Timestamp::UNIX_EPOCH),
        data: Data {
            lead_id: &lead.lead_id,
            bot: &lead.bot,
            flow: &lead.flow,
            language: &lead.language,
            temperature: &lead.temperature,
            score: lead.score,
            evidence: lead.evidence.iter().map(Evidence::of).collect(),
            why: &lead.why,
            contact,
            answers: lead
                .answers
                .iter()
                .map(|a| Answer { field: &a.field, value: &a.value, text: &a.text, found: a.found })
                .collect(),
            files: lead.files.iter().map(File::of).collect(),
            start_payload: &lead.start_payload,
            utm: lead.attribution.as_ref().map(|told| Utm {
                source: &told.source,
                medium: &told.medium,
                campaign: &told.campaign,
                term: &told.term,
                content: &told.content,
            }),
        },
    })
}

#[cfg(test)]
mod tests {
    use events::message::bot::Attribution;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn where_a_person_came_from_is_told_if_it_is_known() {
        let body = |lead: &LeadCaptured| serde_json::from_str::<Value>(&lead_created(lead).unwrap()).unwrap();
        let unknown = body(&LeadCaptured::default());
        assert!(unknown["data"].get("utm").is_none() && unknown["data"].get("flow").is_none(), "{unknown}");
        let attribution =
            Attribution { source: "google".to_owned(), medium: "cpc".to_owned(), ..Attribution::default() };
        let lead = LeadCaptured {
            attribution: Some(attribution),
            flow: "intake".to_owned(),
            start_payload: "utm_source-google_utm_medium-cpc".to_owned(),
            ..LeadCaptured::default()
        };
        let data = &body(&lead)["data"];
        assert_eq!(data["utm"], json!({ "source": "google", "medium": "cpc" }));
        assert_eq!(
            (&data["flow"], &data["start_payload"]),
            (&json!("intake"), &json!("utm_source-google_utm_medium-cpc"))
        );
    }

    #[test]
    fn the_score_is_explained_in_lines_and_in_the_persons_words() {
        use events::message::bot::Answer;
        let found = |field: &str, found: bool| Answer {
            field: field.to_owned(),
            value: "Kubernetes".to_owned(),
            text: "кубер".to_owned(),
            found,
        };
        let lead = LeadCaptured {
            evidence: vec![ScoreEvidence {
                rule: "budget: named a budget".to_owned(),
                points: 10,
                words: "300-500 тыс".to_owned(),
            }],
            why: vec!["warm: 45 points (hot from 75, warm from 40)".to_owned()],
            answers: vec![found("type", false), found("stack", true)],
            ..LeadCaptured::default()
        };
        let body: Value = serde_json::from_str(&lead_created(&lead).unwrap()).unwrap();
        let data = &body["data"];
        assert_eq!(data["why"], json!(["warm: 45 points (hot from 75, warm from 40)"]));
        assert_eq!(
            data["evidence"],
            json!([{ "rule": "budget: named a budget", "points": 10, "words": "300-500 тыс" }])
        );
        assert_eq!(data["answers"][1]["found"], json!(true));
        assert!(data["answers"][0].get("found").is_none(), "what was asked for is as it always was: {data}");
    }
}
