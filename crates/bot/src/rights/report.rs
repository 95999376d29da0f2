use events::message::person;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What one service did about an erasure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) erased: Vec<Part>,
    pub(crate) kept: Vec<Kept>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) kind: String,
    pub(crate) count: i64,
}

/// What stays, and why it may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) kind: String,
    pub(crate) count: i64,
    pub(crate) ground: String,
}

impl Report {
    /// Adds what was erased; the same kind is summed up.
    pub(crate) fn add(&mut self, kind: &str, count: u64) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        if count == 0 {
            return;
        }
        match self.erased.iter_mut().find(|part| part.kind == kind) {
            Some(part) => part.count = part.count.saturating_add(count),
            None => self.erased.push(Part { kind: kind.to_owned(), count }),
        }
    }

    /// Adds what stays, with the reason.
    pub(crate) fn keep(&mut self, kind: &str, count: i64, ground: &str) {
        if count > 0 {
            self.kept.push(Kept { kind: kind.to_owned(), count, ground: ground.to_owned() });
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        json!({ "erased": self.erased, "kept": self.kept })
    }
}

impl From<person::Erased> for Report {
    fn from(said: person::Erased) -> Self {
        let erased = said.erased.into_iter().map(|part| Part { kind: part.kind, count: part.count });
        let kept =
            said.kept.into_iter().map(|one| Kept { kind: one.kind, count: one.count, ground: one.ground });
        Self { erased: erased.collect(), kept: kept.collect() }
    }
}

/// What one service holds, as it stands in an archive.
pub(crate) fn holdings(said: person::Held) -> Value {
    let one = |holding: person::Holding| {
        let details: Value = serde_json::from_str(&holding.details).unwrap_or(Value::Null);
        let mut value = json!({ "kind": holding.kind, "count": holding.count });
        if !details.is_null() {
            value["details"] = details;
        }
        value
    };
    said.holdings.into_iter().map(one).collect()
}
