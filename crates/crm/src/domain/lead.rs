//! A captured lead as it is kept until every account has it: what the mapping may use, by name.

use events::message::bot::LeadCaptured;
use serde::{Deserialize, Serialize};

use super::note::of_lead;

/// Personal data; kept in the delivery's body, and printed nowhere.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Lead {
    pub(crate) id: String,
    /// Empty of one that was kept by an earlier version.
    #[serde(default)]
    pub(crate) conversation_id: String,
    pub(crate) bot: String,
    pub(crate) flow: String,
    pub(crate) language: String,
    pub(crate) temperature: String,
    pub(crate) score: i32,
    /// For people: the sum and its thresholds, then a line a reason.
    pub(crate) why: Vec<String>,
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) telegram_user_id: i64,
    pub(crate) telegram_username: String,
    /// In the order of the flow.
    pub(crate) answers: Vec<Answer>,
    pub(crate) start_payload: String,
    pub(crate) utm_source: String,
    pub(crate) utm_medium: String,
    pub(crate) utm_campaign: String,
    pub(crate) utm_content: String,
    pub(crate) utm_term: String,
    /// Names of the files that came with it.
    pub(crate) files: Vec<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) field: String,
    /// As it was understood.
    pub(crate) value: String,
    /// As the person gave it.
    pub(crate) text: String,
}

/// The names that a mapping may use, beside `answers.<field>`.
pub(crate) const NAMES: [&str; 22] = [
    "lead_id",
    "conversation_id",
    "bot",
    "flow",
    "language",
    "temperature",
    "score",
    "why",
    "summary",
    "name",
    "phone",
    "email",
    "telegram_user_id",
    "telegram_username",
    "start_payload",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_content",
    "utm_term",
    "files",
    "answers",
];

impl Lead {
    pub(crate) fn of(lead: &LeadCaptured) -> Self {
        let contact = lead.contact.clone().unwrap_or_default();
        let utm = lead.attribution.clone().unwrap_or_default();
        let answer = |answer: &events::message::bot::Answer| Answer {
            field: answer.field.clone(),
            value: answer.value.clone(),
            text: answer.text.clone(),
        };
        Self {
            id: lead.lead_id.clone(),
            conversation_id: lead.conversation_id.clone(),
            bot: lead.bot.clone(),
            flow: lead.flow.clone(),
            language: lead.language.clone(),
            temperature: lead.temperature.clone(),
            score: lead.score,
            why: lead.why.clone(),
            name: contact.name,
            phone: contact.phone,
            email: contact.email,
            telegram_user_id: contact.telegram_user_id,
            telegram_username: contact.username,
            answers: lead.answers.iter().map(answer).collect(),
            start_payload: lead.start_payload.clone(),
            utm_source: utm.source,
            utm_medium: utm.medium,
            utm_campaign: utm.campaign,
            utm_content: utm.content,
            utm_term: utm.term,
            files: lead.files.iter().map(|file| file.name.clone()).collect(),
        }
    }

    /// What stands under a name; empty where the lead has no such.
    pub(crate) fn value(&self, name: &str) -> String {
        let number = |number: i64| if number == 0 { String::new() } else { number.to_string() };
        match name {
            "lead_id" => self.id.clone(),
            "conversation_id" => self.conversation_id.clone(),
            "bot" => self.bot.clone(),
            "flow" => self.flow.clone(),
            "language" => self.language.clone(),
            "temperature" => self.temperature.clone(),
            "score" => self.score.to_string(),
            "why" => self.why.join("\n"),
            "summary" => of_lead(self, "").text.into_inner(),
            "name" => self.name.clone(),
            "phone" => self.phone.clone(),
            "email" => self.email.clone(),
            "telegram_user_id" => number(self.telegram_user_id),
            "telegram_username" => self.telegram_username.clone(),
            "start_payload" => self.start_payload.clone(),
            "utm_source" => self.utm_source.clone(),
            "utm_medium" => self.utm_medium.clone(),
            "utm_campaign" => self.utm_campaign.clone(),
            "utm_content" => self.utm_content.clone(),
            "utm_term" => self.utm_term.clone(),
            "files" => self.files.join(", "),
            "answers" => {
                let line = |answer: &Answer| format!("{}: {}", answer.field, answer.text);
                self.answers.iter().map(line).collect::<Vec<_>>().join("\n")
            }
            name => {
                let field = name.strip_prefix("answers.");
                let found = self.answers.iter().find(|answer| Some(answer.field.as_str()) == field);
                found.map(|answer| answer.value.clone()).unwrap_or_default()
            }
        }
    }
}
