//! What happened to a lead after it was captured, as it is kept until every account has it.

use events::message::bot::{
    ConversationClosed, HandoffReturned, HandoffTaken, LeadFile, LeadFiles, LeadRescored,
};
use serde::{Deserialize, Serialize};

/// Personal data; kept in the delivery's body, and printed nowhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Later {
    /// Of the lead, BCP 47.
    pub(crate) language: String,
    /// Unix milliseconds.
    pub(crate) at_ms: i64,
    pub(crate) what: Happened,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Happened {
    Files(Vec<File>),
    Closed {
        /// As in the event.
        reason: String,
        by_person: i32,
        by_bot: i32,
        /// Unix milliseconds; 0 where unknown.
        last_ms: i64,
    },
    Rescored(Rescored),
    /// Who speaks now, as colleagues call them; may be empty.
    Taken {
        agent: String,
    },
    Returned,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size_bytes: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rescored {
    pub(crate) score: i32,
    pub(crate) temperature: String,
    pub(crate) score_before: i32,
    pub(crate) temperature_before: String,
    /// For people: the sum and its thresholds, then a line a reason.
    pub(crate) why: Vec<String>,
}

impl Later {
    /// Where it is another score.
    pub(crate) const fn rescore(&self) -> Option<&Rescored> {
        match &self.what {
            Happened::Rescored(change) => Some(change),
            _ => None,
        }
    }

    pub(crate) fn files(event: &LeadFiles) -> Self {
        let file = |file: &LeadFile| File {
            id: file.file_id.clone(),
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size_bytes: file.size_bytes,
        };
        let what = Happened::Files(event.files.iter().map(file).collect());
        Self { language: event.language.clone(), at_ms: event.at_ms, what }
    }

    pub(crate) fn closed(event: &ConversationClosed) -> Self {
        let what = Happened::Closed {
            reason: event.reason.clone(),
            by_person: event.said_by_person,
            by_bot: event.said_by_bot,
            last_ms: event.last_said_at_ms,
        };
        Self { language: event.language.clone(), at_ms: event.at_ms, what }
    }

    pub(crate) fn taken(event: &HandoffTaken) -> Self {
        let what = Happened::Taken { agent: event.agent.clone() };
        Self { language: event.language.clone(), at_ms: event.at_ms, what }
    }

    pub(crate) fn returned(event: &HandoffReturned) -> Self {
        Self { language: event.language.clone(), at_ms: event.at_ms, what: Happened::Returned }
    }

    pub(crate) fn rescored(event: &LeadRescored) -> Self {
        let what = Happened::Rescored(Rescored {
            score: event.score,
            temperature: event.temperature.clone(),
            score_before: event.score_before,
            temperature_before: event.temperature_before.clone(),
            why: event.why.clone(),
        });
        Self { language: event.language.clone(), at_ms: event.at_ms, what }
    }
}
