//! A bot is a folder of data. This crate owns the shape of that folder: it reads `bots/<name>/`, checks
//! it, and hands out plain values; or says, for every mistake at once, which file, line, column and field
//! is wrong and what to do about it.

mod action;
mod bot;
mod calibration;
mod check;
mod composed;
mod document;
mod experiments;
mod faq;
mod fault;
mod file_texts;
mod flow;
mod folder;
mod goal;
mod graph;
mod hours;
mod labelled;
mod labels;
mod lang;
mod load;
mod localized;
mod menu;
mod model_baseline;
mod model_cases;
mod model_texts;
mod part;
mod prompt;
mod rights;
mod scenario;
mod share;
mod spam;
mod turns;
mod yaml;

pub use action::{Action, NotAnAction};
pub use bot::{Bot, LeadsTo, Limits, Money, OrderWords, Persona, Texts, Thresholds};
pub use calibration::Calibration;
pub use composed::Composed;
pub use document::{Knowledge, KnowledgeHead};
pub use experiments::{Experiment, Experiments, PromptVariant};
pub use faq::{Faq, FaqEntry, Variant};
pub use fault::{Fault, FolderErrors};
pub use file_texts::FileTexts;
pub use flow::{
    Behaviour, BehaviourRule, Branch, ChoiceInput, ChoiceOption, Condition, ContactInput, EmailOrPhoneInput,
    FilesInput, Flow, FlowStep, LeadRules, MenuInput, MoneyInput, MoneySuggestion, QuestionInput, Reminder,
    ScoreRule, StepInput, TextInput, Urgency,
};
pub use folder::{BotFolder, Files};
pub use goal::Goal;
pub use graph::mermaid;
pub use hours::{Day, DayNames, Holiday, Hours, HoursWords, NotHours, Span, Week};
pub use labelled::{Labelled, LabelledSet, Purpose};
pub use labels::Labels;
pub use lang::{Lang, NotALanguage};
pub use localized::{Localized, LocalizedList};
pub use menu::{Command, Menu, MenuButton, Say};
pub use model_baseline::{CaseBaseline, ModelBaseline, ModelBaselines};
pub use model_cases::{
    Attack, CaseDocument, CaseExpect, CaseScript, CaseShown, CaseTurn, Category, ModelCase, ModelCases,
    ModelEnd,
};
pub use model_texts::ModelTexts;
pub use part::Part;
pub use prompt::{Prompt, PromptContext, PromptHead, Variable};
pub use rights::RightsTexts;
pub use scenario::{
    ChallengeAnswer, Edit, Judged, LeadWanted, ModelSays, Moment, NextStep, Scenario, Scenarios, Thing,
};
pub use share::share;
pub use spam::{Challenge, ChallengeItem, Joins, Repeats, Spam, SpamTexts, Symbols, Units};
pub use turns::Turns;
