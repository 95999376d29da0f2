//! `scenarios/*.yml`: conversations as they ought to go, to be played without a network. They read like a chat: what
//! the person does, and what is to come of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Lang;

/// One file of `scenarios/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenarios {
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub scenarios: Vec<Scenario>,
}

/// One conversation, from a person's first word.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a few words; no other scenario of the bot is called so.
    pub name: String,
    /// The file it stands in, without `.yml`.
    #[serde(skip)]
    pub file: String,
    /// The line it begins in.
    #[serde(skip)]
    pub line: u32,
    /// The language of the person's Telegram. Without it: the bot's first.
    #[serde(default)]
    pub language: Option<Lang>,
    /// The person has no public name on Telegram.
    #[serde(default)]
    pub without_username: bool,
    /// When it begins, by the clock of the bot's hours: `2026-12-05 21:30`. Without it: a Tuesday, 13:13 in Moscow.
    #[serde(default)]
    pub begins: Option<String>,
    /// It is held in a group, where these people are besides, with the language of each one's Telegram; whatever is said
    /// is said to the bot. Without it: in private.
    #[serde(default)]
    pub group: Option<BTreeMap<String, Lang>>,
    /// Models that the person may choose, as `provider/model`. Without it: none.
    #[serde(default)]
    pub choosable: Vec<String>,
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub talk: Vec<Moment>,
}

/// One thing that happens (exactly one of `says`, `presses`, `presses_old`, `shares_contact`, `sends`, `edits`, `model`,
/// `model_late`, `waits_hours`, `waits_days`, `solves`, `admin_lifts`), and what is to come of it. What is not named may
/// be anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Moment {
    /// The person writes this.
    pub says: Option<String>,
    /// The person presses the newest button of this label.
    pub presses: Option<String>,
    /// The person scrolls up and presses the first button that ever had this label.
    pub presses_old: Option<String>,
    /// The person shares the contact with this telephone number.
    pub shares_contact: Option<String>,
    /// The person sends something without words.
    pub sends: Option<Thing>,
    /// The person edits a message of theirs.
    pub edits: Option<Edit>,
    /// Who does it, of the people of the `group`. Without it: the person whom the scenario is about.
    pub by: Option<String>,
    /// The person goes on at once: what happens next comes before they have been quiet.
    pub goes_on: bool,
    /// The model is done with the oldest question.
    pub model: Option<ModelSays>,
    /// The model is done with the last question in whose place a newer one has come.
    pub model_late: Option<ModelSays>,
    /// Nothing happens for so many hours.
    pub waits_hours: Option<u32>,
    /// Nothing happens for so many days.
    pub waits_days: Option<u32>,
    /// The person presses a button of the challenge they were given.
    pub solves: Option<ChallengeAnswer>,
    /// An admin undoes what was done to the person.
    pub admin_lifts: bool,

    /// It happens so many times, a second apart; what comes of the last time counts. 0 is once.
    pub times: u32,

    /// This stands in what the bot says; where `…` stands, anything may stand between.
    pub hears: Option<String>,
    /// This does not.
    pub never_hears: Option<String>,
    /// The bot says nothing.
    pub silence: bool,
    /// Labels of buttons that are there.
    pub buttons: Vec<String>,
    /// Labels of buttons that are not.
    pub no_buttons: Vec<String>,
    /// A button leads into the private chat with the bot and carries this there, such as the name of a flow.
    pub opens: Option<String>,
    /// This stands in the notice that Telegram shows at the press of a button; where `…` stands, anything may stand
    /// between.
    pub notice: Option<String>,
    /// What answered: command, flow, faq, model, offline or canned.
    pub answered_by: Option<String>,
    /// Whether a model was asked.
    pub asks_model: Option<bool>,
    /// This stands in what the model was asked; where `…` stands, anything may stand between.
    pub model_hears: Option<String>,
    /// The model that it is to be asked of, as the person has chosen; `auto`: whichever suits.
    pub asked_of: Option<String>,
    /// Whether the answer takes the place of the one before.
    pub in_place: Option<bool>,
    /// Which question waits then: `FLOW/STEP`, or `nowhere`.
    pub at: Option<String>,
    /// A lead was taken.
    pub lead: Option<LeadWanted>,
    /// No lead was taken.
    pub no_lead: bool,
    /// A human is wanted, for this reason: asked, low_confidence, model_failed, model_asked, frustrated, large_lead or
    /// appeal.
    pub handoff: Option<String>,
    /// No human is called.
    pub no_handoff: bool,
    /// What is done about the person: warned, challenged, passed, paused, banned, appealed or lifted; or nothing.
    pub limit: Option<String>,
}

/// Something without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    File,
    /// A file that is larger than `limits.file_megabytes`.
    LargeFile,
    /// A file of a kind that is not taken.
    OtherFile,
    /// A file that the scanner finds something in.
    InfectedFile,
    Voice,
    Sticker,
    /// A change of a message that has no words.
    Edit,
    /// What wants no answer, such as a reaction.
    Reaction,
}

/// Which button of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeAnswer {
    Rightly,
    Wrongly,
}

/// A message that the person edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// What it said: the newest message of the person with these words.
    pub from: String,
    /// What it says now.
    pub to: String,
}

/// What comes of a question to a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ModelSays {
    /// It answers this, and leaves no doubt.
    Answers(String),
    /// It answers, and is so sure of it, or wants something to happen next.
    Judged(Judged),
    /// It knows nothing of it.
    KnowsNothing,
    /// It broke down, or time was up.
    Fails,
    /// It is not asked: the quota is used up until the next full hour.
    OverQuota,
    /// The same, and the bot's own words answer this.
    OverQuotaAnswers(String),
}

/// An answer with what is thought of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    pub text: String,
    /// From 0 to 1.
    #[serde(default = "without_doubt")]
    pub confidence: f32,
    #[serde(default)]
    pub action: NextStep,
}

const fn without_doubt() -> f32 {
    1.0
}

/// What is to happen after an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    #[default]
    Continue,
    Clarify,
    Handoff,
    Resolve,
}

/// What a lead must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LeadWanted {
    /// hot, warm or cold.
    pub temperature: Option<String>,
    pub score: Option<i32>,
    /// Answers by their fields, as they are understood.
    pub answers: BTreeMap<String, String>,
    /// Reasons that are among those of the score, each as the flow has it.
    pub because: Vec<String>,
    /// The telephone number or the e-mail address that the person left.
    pub contact: Option<String>,
    /// Where the person came from: `google`, `google/cpc`, `google/cpc/spring`.
    pub came_from: Option<String>,
}

impl Scenario {
    /// `begins` as a day and a time.
    #[must_use]
    pub fn begins_at(&self) -> Option<jiff::civil::DateTime> {
        jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M", self.begins.as_ref()?).ok()
    }
}

impl Moment {
    /// How many things happen in it; one is right.
    pub(crate) fn acts(&self) -> usize {
        [
            self.says.is_some(),
            self.presses.is_some(),
            self.presses_old.is_some(),
            self.shares_contact.is_some(),
            self.sends.is_some(),
            self.edits.is_some(),
            self.model.is_some(),
            self.model_late.is_some(),
            self.waits_hours.is_some(),
            self.waits_days.is_some(),
            self.solves.is_some(),
            self.admin_lifts,
        ]
        .into_iter()
        .filter(|it| *it)
        .count()
    }
}
