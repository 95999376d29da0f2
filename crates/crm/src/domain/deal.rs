//! A lead as a CRM takes it: after the mapping, before the CRM's own format.

use ids::Pii;
use serde_json::{Value, json};

/// A person, as far as they are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contact {
    pub(crate) name: Pii<String>,
    /// With its country, `+79129876543`; empty where none is known.
    pub(crate) phone: Pii<String>,
    pub(crate) email: Pii<String>,
    pub(crate) telegram_user_id: i64,
    /// Without the @.
    pub(crate) telegram_username: Pii<String>,
    /// Further fields of the CRM's contact.
    pub(crate) fields: Vec<Filled>,
}

/// A field of the CRM with what goes into it.
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    /// Ours, as the mapping names it: `budget`. What errors are about.
    pub(crate) ours: String,
    /// The CRM's: an id or a code, as its schema has it.
    pub(crate) theirs: String,
    /// A choice by its text, a date as `2026-11-28`, a number in digits with a dot, yes and no as `true` and `false`.
    pub(crate) value: Pii<String>,
}

/// What a deal is to be. In an update, what is empty stays as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewDeal {
    pub(crate) name: Pii<String>,
    /// In whole units of the account's currency, or of `currency` where that is given.
    pub(crate) price: Option<i64>,
    /// ISO 4217; empty: the account's.
    pub(crate) currency: String,
    /// By the ids of the schema; empty: the CRM's first.
    pub(crate) pipeline: String,
    pub(crate) stage: String,
    pub(crate) responsible: String,
    pub(crate) tags: Vec<String>,
    pub(crate) fields: Vec<Filled>,
    pub(crate) utm: Utm,
    /// By which this deal is found again: the id of our lead. It stands in the field that the settings name for it, or in a
    /// field that the CRM has for such, or at the end of the name.
    pub(crate) mark: String,
}

impl NewDeal {
    /// What a deal takes over that was there before. Its name, its place and whose it is are a manager's by now, and the mark
    /// in it may be another lead's.
    pub(crate) fn for_another(&self) -> Self {
        Self {
            name: Pii::default(),
            pipeline: String::new(),
            stage: String::new(),
            responsible: String::new(),
            mark: String::new(),
            ..self.clone()
        }
    }

    /// For an operator who looks at what a lead would become.
    pub(crate) fn shown(&self) -> Value {
        json!({
            "name": self.name.expose(), "price": self.price, "pipeline": self.pipeline, "stage": self.stage,
            "responsible": self.responsible, "tags": self.tags, "fields": shown(&self.fields), "mark": self.mark,
        })
    }
}

impl Contact {
    /// For an operator who looks at what a lead would become.
    pub(crate) fn shown(&self) -> Value {
        json!({
            "name": self.name.expose(), "phone": self.phone.expose(), "email": self.email.expose(),
            "telegram_user_id": self.telegram_user_id, "telegram_username": self.telegram_username.expose(),
            "fields": shown(&self.fields),
        })
    }
}

fn shown(fields: &[Filled]) -> Value {
    fields.iter().map(|field| (field.theirs.clone(), Value::from(field.value.expose().as_str()))).collect()
}

/// Where the person came from; empty where unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Utm {
    pub(crate) source: String,
    pub(crate) medium: String,
    pub(crate) campaign: String,
    pub(crate) content: String,
    pub(crate) term: String,
}

/// Something to be read on a deal.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// By which it is found again. The adapter puts it at the end of the text.
    pub(crate) mark: String,
    pub(crate) text: Pii<String>,
}

/// What a CRM has made: ids of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) deal: String,
    pub(crate) contact: Option<String>,
    /// The CRM put it into a deal that was there.
    pub(crate) merged: bool,
}

/// A person of the CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) contact: String,
    /// The newest first.
    pub(crate) open_deals: Vec<String>,
}

/// A deal of the CRM that has a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marked {
    /// The id of a lead of ours, or of another installation's.
    pub(crate) mark: ids::Uuid,
    /// Ids under which the CRM has it: a lead of Bitrix24 and the deal that came of it are the same.
    pub(crate) deals: Vec<String>,
}
