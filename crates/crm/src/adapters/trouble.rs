//! How a call to a CRM failed, in what it means for what is to be done.

use std::sync::Arc;
use std::time::Duration;

use ids::Pii;
use pg::PgError;

/// Nothing here prints what the CRM said: it repeats what it was sent.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// There was no connection, or none that may be made: nothing has happened there.
    NotSent(String),
    /// Our own database failed before anything was sent. It is no fault of the CRM's and costs the lead no attempt.
    Ours(Arc<PgError>),
    /// It went out and no whole answer came: whether it had an effect is unknown.
    Unknown(String),
    /// Our own limit of calls, or the CRM's, has no room for it now. Of the whole account, unless `only_this`.
    Busy { status: Option<u16>, after: Duration, only_this: bool },
    /// The CRM has shut the account, or this program, out; calling on makes it worse. Looked at again after hours, and by a
    /// person before.
    Blocked { status: u16, why: &'static str, said: Pii<String> },
    /// The token is not taken, not even a fresh one; a person has to give another.
    Denied { status: u16, why: &'static str, said: Pii<String> },
    /// Whoever gave the token may not do this, to this one thing or to any: the CRM says both in the same words, and
    /// `Adapter::probe` tells them apart.
    Forbidden { status: u16, why: &'static str, said: Pii<String> },
    /// The request is wrong and will be wrong again. A person mends the mapping, or the CRM's settings, and drives it
    /// again.
    Rejected { status: u16, faults: Vec<Fault>, said: Pii<String> },
    /// The CRM itself failed (5xx, a page of maintenance, an answer that can not be read). Of a read: nothing happened. Of a
    /// write the adapter says `Unknown` instead where it may have had an effect.
    Failed { status: u16, said: Pii<String> },
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The name that the mapping has for it (`budget`), where the CRM's path leads to one.
    pub(crate) field: Option<String>,
    /// The CRM's own word: `NotSupportedChoice`.
    pub(crate) code: String,
    /// For a person; it may repeat what was sent.
    pub(crate) detail: Pii<String>,
}

/// Stands where a CRM gives no word for what is wrong.
const REFUSED: &str = "REFUSED";
/// Characters of a detail that are kept.
const LONGEST: usize = 1_000;

impl Fault {
    /// A code is printed, in logs and dead letters: what is no word or short number may repeat what was sent, and goes where
    /// nothing is printed.
    pub(crate) fn new(field: Option<String>, code: &str, detail: impl Into<String>) -> Self {
        let is_code = is_word(code) || ((1..=4).contains(&code.len()) && is_number(code));
        let detail = match detail.into() {
            detail if is_code || code.is_empty() => detail,
            detail if detail.is_empty() => code.to_owned(),
            detail => format!("{code}: {detail}"),
        };
        let detail = detail.chars().filter(|c| *c != '\0').take(LONGEST).collect();
        let code = if is_code { code } else { REFUSED };
        Self { field, code: code.to_owned(), detail: Pii::new(detail) }
    }
}

fn is_word(code: &str) -> bool {
    code.len() <= 64
        && code.starts_with(|first: char| first.is_ascii_alphabetic())
        && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_number(code: &str) -> bool {
    code.bytes().all(|b| b.is_ascii_digit())
}

impl Trouble {
    /// The word for the log of attempts and the metric.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::NotSent(_) | Self::Ours(_) => "not_sent",
            Self::Unknown(_) => "unknown",
            Self::Busy { .. } => "busy",
            Self::Blocked { .. } => "blocked",
            Self::Denied { .. } | Self::Forbidden { .. } => "denied",
            Self::Rejected { .. } => "rejected",
            Self::Failed { .. } => "failed",
        }
    }

    /// Whether whoever gave the token has no right to what was asked.
    pub(crate) const fn is_of_rights(&self) -> bool {
        matches!(self, Self::Denied { .. } | Self::Forbidden { .. })
    }

    pub(crate) const fn status(&self) -> Option<u16> {
        match self {
            Self::NotSent(_) | Self::Ours(_) | Self::Unknown(_) => None,
            Self::Busy { status, .. } => *status,
            Self::Blocked { status, .. }
            | Self::Denied { status, .. }
            | Self::Forbidden { status, .. }
            | Self::Rejected { status, .. }
            | Self::Failed { status, .. } => Some(*status),
        }
    }

    /// What the CRM itself said, or which fields it means, and how long to wait: what our own words for it leave out.
    pub(crate) fn their_words(&self) -> Pii<String> {
        match self {
            Self::NotSent(_) | Self::Unknown(_) | Self::Ours(_) => Pii::default(),
            Self::Blocked { said, .. } | Self::Denied { said, .. } | Self::Forbidden { said, .. } => {
                said.clone()
            }
            Self::Busy { .. } | Self::Rejected { .. } | Self::Failed { .. } => self.note(),
        }
    }

    /// For a person to look at, in the log of attempts.
    pub(crate) fn note(&self) -> Pii<String> {
        match self {
            Self::NotSent(why) | Self::Unknown(why) => Pii::new(why.clone()),
            Self::Ours(error) => Pii::new(classify::chain(error.as_ref())),
            Self::Busy { after, .. } => Pii::new(format!("no room for {} s", after.as_secs_f64().ceil())),
            Self::Blocked { why, said, .. }
            | Self::Denied { why, said, .. }
            | Self::Forbidden { why, said, .. } => Pii::new(format!("{why}: {}", said.expose())),
            Self::Rejected { faults, said, .. } if faults.is_empty() => said.clone(),
            Self::Rejected { faults, .. } => {
                let line = |fault: &Fault| {
                    let field = fault.field.as_deref().unwrap_or("(no field of the mapping)");
                    format!("{field}: {} {}", fault.code, fault.detail.expose())
                };
                Pii::new(faults.iter().map(line).collect::<Vec<_>>().join("\n"))
            }
            Self::Failed { said, .. } => said.clone(),
        }
    }
}

impl From<PgError> for Trouble {
    fn from(error: PgError) -> Self {
        Self::Ours(Arc::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_word_is_not_printed_and_not_lost() {
        let told = |code: &str, detail: &str| {
            let fault = Fault::new(None, code, detail);
            (fault.code, fault.detail.into_inner())
        };
        let own = |code: &str, detail: &str| (code.to_owned(), detail.to_owned());
        for code in ["NotSupportedChoice", "CRM_FIELD_ERROR_VALUE_NOT_VALID", "100"] {
            assert_eq!(told(code, "why"), own(code, "why"));
        }
        for sent in [
            "ada@example.com",
            "+79129876543",
            "79129876543",
            "Ada Lovelace is no name",
            "\u{410}\u{434}\u{430}",
        ] {
            assert_eq!(told(sent, "why"), own(REFUSED, &format!("{sent}: why")));
            assert_eq!(told(sent, ""), own(REFUSED, sent));
        }
        assert_eq!(told("", "why"), own(REFUSED, "why"));
        assert_eq!(told("\0", "a\0b"), own(REFUSED, ": ab"));
        assert_eq!(told(&"a".repeat(65), "").0, REFUSED);
        assert_eq!(told("100", &"x".repeat(5_000)).1.len(), LONGEST);
    }
}
