//! `flows/*.yml`: conversations with questions in an order, answers that are checked, and a score.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Localized, LocalizedList, MenuButton, Say};

/// One file of `flows/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// The file's name without `.yml`.
    #[serde(skip)]
    pub id: String,
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub title: Localized,
    /// Said once, before the first question.
    #[serde(default)]
    pub intro: Option<Localized>,
    /// Said instead of it to a person whose message has told some of the answers already; `{summary}` is filled with
    /// them, one a line.
    #[serde(default)]
    pub intro_told: Option<Localized>,
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub steps: Vec<FlowStep>,
    /// Shown before the end, so that answers can be changed: `{summary}` is filled with the answers, one a line.
    /// Buttons to send them and to change one stand below it. Without it the last answer is the end.
    #[serde(default)]
    pub confirm: Option<Localized>,
    /// Said at the end. `{summary}` is filled with the answers, one a line. Only a flow that always leads elsewhere
    /// does without.
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub done: Say,
    /// Said at the end instead, outside the bot's hours; `{opens}` is when they begin again.
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub done_closed: Option<Say>,
    /// Said before the first question instead of `intro`, outside the bot's hours. `{opens}` as above.
    #[serde(default)]
    pub intro_closed: Option<Localized>,
    /// Said to a person who asks for it once more while it waits for an answer; how to reach them is asked next, if it
    /// is asked at all. Without it the flow is begun in words again.
    #[serde(default)]
    pub again: Option<Localized>,
    /// Said to a person who leaves it for good, instead of the bot's own words.
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub cancelled: Option<Say>,
    /// Whether a human is called: when it begins, and at its end once more with the answers.
    #[serde(default)]
    pub handoff: bool,
    /// Whether it can be gone on with after it was left. One with nothing to lose need not be.
    #[serde(default = "yes")]
    pub keep: bool,
    /// Whether it runs in a group, for the person who begins it. Without it: where it asks for nothing of a person's own,
    /// that is with choices, questions and menus alone. One that asks for a contact or files, or makes a lead, never does:
    /// whoever begins it in a group is shown the way into the private chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_groups: Option<bool>,
    /// Reminds a person who left it unfinished.
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub reminder: Option<Reminder>,
    /// Whether the answers make a lead.
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub lead: Option<LeadRules>,
}

impl Flow {
    #[must_use]
    pub fn step(&self, id: &str) -> Option<(usize, &FlowStep)> {
        self.steps.iter().enumerate().find(|(_, step)| step.id == id)
    }

    /// Whether it may run where others read along.
    #[must_use]
    pub fn runs_in_groups(&self) -> bool {
        let is_own = |step: &FlowStep| matches!(step.input, StepInput::Text(_) | StepInput::Money(_));
        !self.is_personal() && self.in_groups.unwrap_or_else(|| !self.steps.iter().any(is_own))
    }

    /// Whether it takes what is nobody else's: how to reach a person, their files, a lead.
    pub(crate) fn is_personal(&self) -> bool {
        let is_personal = |step: &FlowStep| {
            let input = &step.input;
            matches!(input, StepInput::Contact(_) | StepInput::EmailOrPhone(_) | StepInput::Files(_))
        };
        self.lead.is_some() || self.steps.iter().any(is_personal)
    }
}

const fn yes() -> bool {
    true
}

/// A message to a person who left a flow unfinished. It is sent within the bot's hours, never after the person went on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// After so many hours of silence.
    pub after_hours: u32,
    /// How often at most, each after another such silence.
    #[serde(default = "once")]
    pub times: u32,
    /// Said before the question that waits. `{step}`, `{total}` and `{flow}` are filled in.
    pub text: Localized,
}

const fn once() -> u32 {
    1
}

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowStep {
    /// Also the name of its answer. Letters, digits, `_`; at most 24.
    pub id: String,
    /// What the answer is called in a summary.
    pub title: Localized,
    /// What people call it beside its title, when they ask to change their answer.
    #[serde(default)]
    pub names: LocalizedList,
    /// `{step}` and `{total}` are filled in.
    pub ask: Localized,
    pub input: StepInput,
    /// Said when the answer was not one, instead of the general hint.
    #[serde(default)]
    pub hint: Option<Localized>,
    /// Whether the person may go on without answering.
    #[serde(default)]
    pub skip: bool,
    /// Points for the answer. The first rule that holds counts, so put the strictest first.
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub score: Vec<ScoreRule>,
    /// Where to go from here. The first branch that holds is taken; otherwise the next step, in order.
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub branches: Vec<Branch>,
}

/// What may answer a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StepInput {
    /// One of some buttons; typing what is on the button, or a synonym, is the same.
    Choice(ChoiceInput),
    /// Words.
    Text(TextInput),
    /// An amount of money, or a range, or a button.
    Money(MoneyInput),
    /// How to reach the person: a shared contact, a telephone number, an e-mail address, their Telegram.
    Contact(ContactInput),
    /// A telephone number or an e-mail address; their Telegram is not enough.
    EmailOrPhone(EmailOrPhoneInput),
    /// A question of the person's. The FAQ or a model answers it, and the next step is said below the answer; the
    /// condition `skipped` holds where nobody knew an answer.
    Question(QuestionInput),
    /// Buttons that lead elsewhere. Nothing is waited for: with this the flow ends.
    Menu(MenuInput),
    /// Files, until the person says that these are all. With `skip` it may be none.
    Files(FilesInput),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceInput {
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub options: Vec<ChoiceOption>,
    /// Whether any other text is an answer too.
    #[serde(default)]
    pub other: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// What rules, CRMs and reports know it by. Letters, digits, `_`; at most 24.
    pub value: String,
    pub label: Localized,
    /// What people type instead of pressing.
    #[serde(default)]
    pub synonyms: LocalizedList,
    /// Values of options that this one stands above where a text names both: "support of a website" is support.
    #[serde(default)]
    pub over: Vec<String>,
    /// A time that a text names ("by the 15th of May") means the option with the fewest days that hold it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
    /// What a text says of its urgency ("ASAP", "no rush") means this option. A time beyond the days of every option
    /// is an answer in the person's own words; where `other` is not allowed, the one of low urgency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
}

/// How soon something is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    High,
    Low,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TextInput {
    pub min_chars: u32,
    pub max_chars: u32,
}

impl Default for TextInput {
    fn default() -> Self {
        Self { min_chars: 1, max_chars: 4_000 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyInput {
    /// The currency meant by a person who names none, per language. ISO 4217.
    pub currency: Localized,
    /// Ready answers, each an amount written as a person would.
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub suggestions: Vec<MoneySuggestion>,
    /// Whether "not decided yet" is an answer.
    #[serde(default)]
    pub undecided: bool,
    /// Below this much, in the base currency, an amount without a currency is asked about where another of the
    /// `currency` makes it ten times more: "300" from a Russian. Without it nothing is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_below: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneySuggestion {
    /// Letters, digits, `_`; at most 24.
    pub value: String,
    pub label: Localized,
    /// What the button means, written as an amount: `$5k-15k`, `до 300к`, or `undecided`.
    pub amount: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ContactInput {
    /// Offers "use my Telegram".
    pub telegram: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EmailOrPhoneInput {}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QuestionInput {}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MenuInput {
    /// Rows of buttons.
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub buttons: Vec<Vec<MenuButton>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FilesInput {
    /// How many at most, 1 to 20.
    pub max: u32,
}

impl Default for FilesInput {
    fn default() -> Self {
        Self { max: 10 }
    }
}

/// Points and the reason for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreRule {
    #[serde(rename = "if")]
    pub condition: Condition,
    pub points: i32,
    /// What an agent reads as the reason.
    pub evidence: String,
}

/// Something that may be true of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// Neither skipped nor "I don't know".
    Answered,
    Skipped,
    /// The answer's value is one of these.
    Is(Vec<String>),
    /// An amount of at least this much, in the base currency. A range counts by its lower end, for only that much is
    /// said; "up to" counts half.
    AtLeast(f64),
    /// An amount of less than this, in the base currency.
    Below(f64),
    /// An amount is named.
    Amount,
    /// A text of at least this many characters.
    MinChars(u32),
}

/// Where a flow goes after an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    #[serde(rename = "if")]
    pub condition: Condition,
    /// A later step's id; `done`; or what a button does, such as `flow:FLOW`, `show:PAGE` or `human`.
    pub go: String,
}

/// How the answers of a flow become a lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadRules {
    /// From this score a lead is hot.
    pub hot: i32,
    /// From this score it is warm; below, cold.
    pub warm: i32,
    /// Points for how the person went through the flow.
    #[serde(default, deserialize_with = "crate::yaml::recover::each")]
    pub behaviour: Vec<BehaviourRule>,
}

/// Points for conduct rather than for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BehaviourRule {
    #[serde(rename = "if")]
    pub condition: Behaviour,
    pub points: i32,
    pub evidence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// No question was skipped, and none was answered with "I don't know".
    NothingSkipped,
    /// The person left and came back to finish.
    Resumed,
}
