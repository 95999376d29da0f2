//! What the account's deals and people can be filled with. It is asked once and kept: every delivery needs it, and it
//! changes when a person changes it.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Mutex;

use super::super::Trouble;
use super::line::Line;
use super::reading::{is_true, line as short, list, number};
use crate::domain::schema::{Field, FieldKind, Named};

/// Pages of fields; they come fifty at once, whatever is asked for.
const MOST_PAGES: usize = 20;

#[derive(Debug, Default)]
pub(super) struct Catalogue {
    /// What the account calls itself.
    pub(super) name: String,
    pub(super) currency: String,
    pub(super) deal: Vec<Known>,
    pub(super) person: Vec<Known>,
}

/// A field of the account.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) name: String,
    /// As amoCRM calls it.
    pub(super) kind: String,
    pub(super) choices: Vec<(i64, String)>,
    pub(super) read_only: bool,
}

/// The newest one that was read.
#[derive(Default)]
pub(super) struct Kept(Mutex<Option<Arc<Catalogue>>>);

impl Kept {
    pub(super) async fn get(&self, line: &Line) -> Result<Arc<Catalogue>, Trouble> {
        // Held while it is read, so that deliveries that begin together ask once.
        let mut kept = self.0.lock().await;
        match &*kept {
            Some(known) => Ok(known.clone()),
            None => Ok(kept.insert(Arc::new(Catalogue::read(line).await?)).clone()),
        }
    }

    /// Reads it anew.
    pub(super) async fn fresh(&self, line: &Line) -> Result<Arc<Catalogue>, Trouble> {
        let mut kept = self.0.lock().await;
        Ok(kept.insert(Arc::new(Catalogue::read(line).await?)).clone())
    }

    /// The next delivery reads it anew.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

impl Catalogue {
    async fn read(line: &Line) -> Result<Self, Trouble> {
        let account: Value = line.get("account", &[]).await?.json()?;
        let fields = async |path: &str| -> Result<Vec<Known>, Trouble> {
            let fields = line.pages(path, "custom_fields", &[], MOST_PAGES).await?;
            Ok(fields.iter().filter_map(Known::read).collect())
        };
        Ok(Self {
            name: short(&account, "/name"),
            currency: short(&account, "/currency"),
            deal: fields("leads/custom_fields").await?,
            person: fields("contacts/custom_fields").await?,
        })
    }
}

impl Known {
    pub(super) fn read(field: &Value) -> Option<Self> {
        let choice = |one: &Value| Some((number(one, "/id")?, short(one, "/value")));
        Some(Self {
            id: number(field, "/id")?,
            code: short(field, "/code"),
            name: short(field, "/name"),
            kind: short(field, "/type"),
            choices: list(field, "/enums").iter().filter_map(choice).collect(),
            read_only: is_true(field, "/is_computed"),
        })
    }

    /// Whether a mapping means this one: by its id, or by its code.
    pub(super) fn is(&self, theirs: &str) -> bool {
        self.id.to_string() == theirs || (!self.code.is_empty() && self.code.eq_ignore_ascii_case(theirs))
    }

    /// What goes into it.
    pub(super) fn takes(&self) -> FieldKind {
        match self.kind.as_str() {
            _ if self.read_only => FieldKind::Other,
            "text" | "textarea" | "streetaddress" | "tracking_data" | "multitext" => FieldKind::Text,
            "numeric" | "monetary" => FieldKind::Number,
            "checkbox" => FieldKind::Flag,
            "date" | "date_time" | "birthday" => FieldKind::Date,
            "select" | "radiobutton" => FieldKind::Choice,
            "multiselect" => FieldKind::Choices,
            "url" => FieldKind::Link,
            _ => FieldKind::Other,
        }
    }

    /// For the mapping, and for people who write one. amoCRM demands a field of people only, never of a call.
    pub(super) fn field(&self) -> Field {
        let kind = self.takes();
        let is_choice = matches!(kind, FieldKind::Choice | FieldKind::Choices);
        let choices = self.choices.iter().filter(|_| is_choice);
        let choices = choices.map(|(id, name)| Named { id: id.to_string(), name: name.clone() });
        Field {
            id: self.id.to_string(),
            code: self.code.clone(),
            name: self.name.clone(),
            kind,
            choices: choices.collect(),
            required: false,
            read_only: self.read_only,
        }
    }
}
