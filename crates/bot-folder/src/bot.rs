//! `bot.yml`: who the bot is, what it speaks, its limits, and every sentence the engine says of its own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    FileTexts, Hours, Labels, Lang, Localized, LocalizedList, ModelTexts, RightsTexts, Say, Spam, Turns,
};

/// The whole of `bot.yml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bot {
    /// The folder's name; it must be the same.
    pub name: String,
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub persona: Persona,
    /// What a person reads in the empty chat before they press "Start". At most 512 characters.
    #[serde(
        default,
        deserialize_with = "crate::yaml::recover::or_default",
        skip_serializing_if = "Localized::is_empty"
    )]
    pub description: Localized,
    /// What stands on the bot's page and beside its shared link. At most 120 characters.
    #[serde(
        default,
        deserialize_with = "crate::yaml::recover::or_default",
        skip_serializing_if = "Localized::is_empty"
    )]
    pub about: Localized,
    /// Every text must exist in each of these.
    #[serde(deserialize_with = "crate::yaml::recover::each")]
    pub languages: Vec<Lang>,
    /// Spoken to people whose language is none of ours.
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub default_language: Lang,
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub limits: Limits,
    /// How much one person may write, and what looks like spam.
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub spam: Spam,
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub turns: Turns,
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub thresholds: Thresholds,
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub money: Money,
    /// When people of the business are there. Without it they always are.
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub hours: Option<Hours>,
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub leads_to: LeadsTo,
    #[serde(default, deserialize_with = "crate::yaml::recover::or_default")]
    pub words: OrderWords,
    /// Countries, by their two letters, that telephone numbers without a country code are of, per language.
    #[serde(default)]
    pub phone_regions: LocalizedList,
    /// Technologies that a lead names when a person has named them: each with the other words for it. A word with a
    /// capital letter has to be written so, and so has a name of fewer than six letters.
    #[serde(default)]
    pub stack: BTreeMap<String, Vec<String>>,
    /// What the variables of the prompts stand for, in each language.
    #[serde(
        default,
        deserialize_with = "crate::yaml::recover::each_entry",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub prompt_variables: BTreeMap<String, Localized>,
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub texts: Texts,
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub labels: Labels,
}

/// Flows behind the actions of the same names, wherever a button or a command has one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LeadsTo {
    /// For `human`; it must be one that calls a human. Without it a human is called at once.
    pub human: Option<String>,
    /// For `ask`. Without it the person is invited to write a question.
    pub ask: Option<String>,
    /// For a message that is a whole request: it says what is wanted (`words.wish`), and what the flow asks for. The
    /// flow begins with those answers. Without it such a message is a question like any other.
    pub request: Option<String>,
}

/// What people write instead of pressing a flow's own buttons, each a whole message; what is on the button counts too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OrderWords {
    /// To go on without an answer.
    pub skip: LocalizedList,
    /// To go back to the question before.
    pub back: LocalizedList,
    /// To leave an answer as it is.
    pub keep: LocalizedList,
    /// To send the answers.
    pub send: LocalizedList,
    /// To change an answer: alone, or before the question's title: `change budget`.
    pub change: LocalizedList,
    /// To be written to in Telegram, where a contact is asked for; in a short message they may have company.
    pub telegram: LocalizedList,
    /// To want something made; anywhere in a message: `we need a`, `хочу заказать`. See `leads_to.request`.
    pub wish: LocalizedList,
}

/// Who speaks. The prompts are filled from this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// The name it gives itself.
    pub name: String,
    /// One line: what it is.
    pub role: Localized,
    /// How it speaks.
    pub tone: Localized,
    /// What it does.
    #[serde(default, rename = "do")]
    pub does: Vec<String>,
    /// What it never does.
    #[serde(default, rename = "dont")]
    pub does_not: Vec<String>,
}

/// Bounds of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// How long a model may think before the person is told that there is no answer. Seconds.
    pub model_wait_seconds: u32,
    /// How many messages back the model sees.
    pub model_turns: u32,
    /// After this silence a text no longer answers the flow's question; the flow is offered again.
    pub flow_idle_hours: u32,
    /// How long a flow that was left can be resumed.
    pub flow_keep_days: u32,
    /// Questions in a row without an answer before a human is called.
    pub handoff_after: u32,
    /// Doubtful answers in a row (`thresholds.doubt_below`) with which a human is called.
    pub doubts: u32,
    /// A lead with a budget above so many US dollars calls a human at once; 0: none does. Other currencies count by
    /// `money.rates`, and not at all without a rate.
    pub handoff_lead_over_usd: u32,
    /// Tries at one question before a way out is offered with the hint.
    pub flow_tries: u32,
    /// The largest file that is taken, in megabytes. Telegram hands out no file over 20.
    pub file_megabytes: u32,
    /// Files that one chat may send in 24 hours.
    pub files_per_day: u32,
    /// Days between the wish to be forgotten and the erasure, in which it can be taken back.
    pub forget_grace_days: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            model_wait_seconds: 60,
            model_turns: 10,
            handoff_after: 3,
            doubts: 3,
            handoff_lead_over_usd: 50_000,
            flow_idle_hours: 24,
            flow_keep_days: 30,
            flow_tries: 2,
            file_megabytes: 10,
            files_per_day: 50,
            forget_grace_days: 30,
        }
    }
}

/// How sure the bot must be. Confidence is a number from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// From here an answer of the FAQ is given.
    pub faq: f32,
    /// From here it is given even though a flow is waiting for an answer.
    pub faq_in_flow: f32,
    /// From here, where it may be one of two or three answers, the person is asked which.
    pub faq_offer: f32,
    /// An answer of a model less sure than this calls a human at once, beside being given.
    pub handoff_below: f32,
    /// An answer of a model less sure than this is doubtful; after `limits.doubts` of them in a row a human is called.
    pub doubt_below: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { faq: 0.5, faq_in_flow: 0.75, faq_offer: 0.5, handoff_below: 0.5, doubt_below: 0.7 }
    }
}

/// What amounts are compared in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// ISO 4217 code of the currency that scoring rules use.
    pub base: String,
    /// What one unit of another currency is worth in the base.
    pub rates: BTreeMap<String, f64>,
}

impl Default for Money {
    fn default() -> Self {
        Self { base: "USD".to_owned(), rates: BTreeMap::new() }
    }
}

impl Money {
    /// The amount in the base currency; `None` where no rate is given.
    #[must_use]
    pub fn in_base(&self, amount: f64, currency: &str) -> Option<f64> {
        if currency == self.base { Some(amount) } else { self.rates.get(currency).map(|rate| rate * amount) }
    }
}

/// What the engine says of its own accord.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Texts {
    /// Invites a question.
    pub ask: Say,
    /// Shown while a model thinks, where nothing better can be shown.
    pub thinking: Say,
    /// The model failed, was out of quota or took too long.
    pub model_failed: Say,
    /// The model worked and knows nothing about it.
    pub model_unknown: Say,
    /// As many questions were answered as may be; `{resets}` is when it begins anew. Said where the bot's own words do
    /// not answer, and once below an answer of theirs. Without it, or without `hours`: `model_failed`.
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub quota: Option<Say>,
    /// Said to a person who stopped an answer before anything of it was shown. Without it nothing is said.
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub stopped: Option<Say>,
    /// Said to a person whose request became a deal that was won, once the CRM tells it. Without it nothing is said.
    #[serde(deserialize_with = "crate::yaml::recover::or_default", skip_serializing_if = "Option::is_none")]
    pub deal_won: Option<Say>,
    /// The same of one that was lost.
    #[serde(deserialize_with = "crate::yaml::recover::or_default", skip_serializing_if = "Option::is_none")]
    pub deal_lost: Option<Say>,
    /// What an admin is told by `/costs`. Without it there is no such command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs: Option<CostsTexts>,
    /// A message with nothing the bot can read: a sticker, a place, a poll.
    pub not_understood: Say,
    /// A command that is in no menu.
    pub unknown_command: Say,
    /// Follows `files.kept` where no file was asked for.
    pub unexpected_file: Say,
    /// A voice or video message, which the bot can not hear.
    pub unexpected_voice: Say,
    /// A contact where none was asked for.
    pub unexpected_contact: Say,
    /// A button of a question that has been answered or left.
    pub stale_button: Say,
    /// In a group: a button of a question that somebody else was asked. Without it: `stale_button`.
    #[serde(deserialize_with = "crate::yaml::recover::or_default", skip_serializing_if = "Option::is_none")]
    pub others_button: Option<Say>,
    /// Said in a group to whoever begins a flow that runs in private only (`in_groups`), above a button into the private
    /// chat; `{flow}` is its title. Without it: the title alone.
    #[serde(deserialize_with = "crate::yaml::recover::or_default", skip_serializing_if = "Option::is_none")]
    pub in_private: Option<Say>,
    /// An answer of a flow was edited after others had been given, or after it was sent.
    pub edited_answer: Say,
    /// Offers to go on with a flow that was left. `{step}`, `{total}` and `{flow}` are filled in.
    pub resume_offer: Say,
    /// Said before the question when a flow is gone on with.
    pub resumed: Say,
    /// There is no flow to go on with.
    pub nothing_to_resume: Say,
    /// The flow was left.
    pub cancelled: Say,
    /// `/cancel` with nothing to cancel.
    pub nothing_to_cancel: Say,
    /// A human has been called.
    pub handoff: Say,
    /// The same outside the bot's hours; `{opens}` is when they begin again.
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub handoff_closed: Option<Say>,
    /// Stands below an answer of a model that was passed on to a human as well: it was doubtful, or the model asked for
    /// one. Without it the answer has the button that calls a human and no more.
    #[serde(deserialize_with = "crate::yaml::recover::or_default", skip_serializing_if = "Option::is_none")]
    pub passed_on: Option<Say>,
    /// Said to a person who has had enough, with the button that calls a human. Without it: `handoff`.
    #[serde(deserialize_with = "crate::yaml::recover::or_default", skip_serializing_if = "Option::is_none")]
    pub frustrated: Option<Say>,
    /// There is no question before this one.
    pub first_question: Say,
    /// Stands below a question that has been answered before. `{answer}` is filled in.
    pub old_answer: Say,
    /// Asks which answer is to be changed; a button for each is added.
    pub which_answer: Say,
    /// The buttons below the answers were asked for, and something else came.
    pub send_or_change: Say,
    /// Two or three answers may be meant: asks which; a button for each is added.
    pub which: Say,
    /// Offers the languages; a button for each is added.
    pub choose_language: Say,
    /// The language has been changed.
    pub language_set: Say,
    /// Said once to a person who writes in a language that the bot does not speak, below the answer; a button
    /// for each language is added. Empty: nothing is said.
    pub other_language: Localized,
    /// The question can not be skipped.
    pub can_not_skip: Say,
    /// The text was none of the choices.
    pub hint_choice: Say,
    /// The text was too short to be an answer.
    pub hint_short: Say,
    /// The text was too long to be an answer. `{limit}` is filled in.
    pub hint_long: Say,
    /// The text held no amount.
    pub hint_money: Say,
    /// An amount without a currency that makes very different sums; `{amount}` is what was written. A button for each
    /// currency is added.
    #[serde(deserialize_with = "crate::yaml::recover::or_default")]
    pub hint_currency: Option<Say>,
    /// The text held no e-mail address and no telephone number.
    pub hint_contact: Say,
    /// "Use my Telegram" was chosen by a person who has no public name there.
    pub hint_no_username: Say,
    /// What becomes of files.
    pub files: FileTexts,
    /// What is said where a person chooses the model. Needed where the menu has `model`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub models: Option<ModelTexts>,
    /// What is said of a person's rights. Needed where the menu has `mydata` or `forget`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights: Option<RightsTexts>,
}

/// What an admin is told of money.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CostsTexts {
    /// `{today}` of `{limit}` and `{month}` are dollars, `{resets}` is when a new day begins, `{models}` are the models
    /// that cost most, a line each.
    pub report: Say,
    /// The model worker does not answer.
    pub failed: Say,
}

impl Texts {
    /// Each text with its key and the placeholders it may use.
    pub(crate) fn all(&self) -> [(&'static str, &Say, &'static [&'static str]); 31] {
        const FLOW: &[&str] = &["step", "total", "flow"];
        [
            ("ask", &self.ask, &[]),
            ("thinking", &self.thinking, &[]),
            ("model_failed", &self.model_failed, &[]),
            ("model_unknown", &self.model_unknown, &[]),
            ("not_understood", &self.not_understood, &[]),
            ("unknown_command", &self.unknown_command, &[]),
            ("unexpected_file", &self.unexpected_file, &[]),
            ("unexpected_voice", &self.unexpected_voice, &[]),
            ("unexpected_contact", &self.unexpected_contact, &[]),
            ("stale_button", &self.stale_button, &[]),
            ("edited_answer", &self.edited_answer, &[]),
            ("resume_offer", &self.resume_offer, FLOW),
            ("resumed", &self.resumed, FLOW),
            ("nothing_to_resume", &self.nothing_to_resume, &[]),
            ("cancelled", &self.cancelled, &[]),
            ("nothing_to_cancel", &self.nothing_to_cancel, &[]),
            ("handoff", &self.handoff, &[]),
            ("first_question", &self.first_question, &[]),
            ("old_answer", &self.old_answer, &["answer"]),
            ("which_answer", &self.which_answer, &[]),
            ("send_or_change", &self.send_or_change, &[]),
            ("which", &self.which, &[]),
            ("choose_language", &self.choose_language, &[]),
            ("language_set", &self.language_set, &[]),
            ("can_not_skip", &self.can_not_skip, &[]),
            ("hint_choice", &self.hint_choice, &[]),
            ("hint_short", &self.hint_short, &["limit"]),
            ("hint_long", &self.hint_long, &["limit"]),
            ("hint_money", &self.hint_money, &[]),
            ("hint_contact", &self.hint_contact, &[]),
            ("hint_no_username", &self.hint_no_username, &[]),
        ]
    }
}
