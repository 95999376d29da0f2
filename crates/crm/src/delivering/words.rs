//! What went wrong, in words for a person.

use crate::adapters::{Fault, Trouble};

/// What a person is told of a delivery that no try will mend.
pub(crate) fn said(account: &str, trouble: &Trouble) -> String {
    match trouble {
        Trouble::Rejected { status, faults, .. } if !faults.is_empty() => {
            let field = |fault: &Fault| {
                format!(
                    "{} ({})",
                    fault.field.as_deref().unwrap_or("a field that no mapping fills"),
                    fault.code
                )
            };
            let fields = faults.iter().map(field).collect::<Vec<_>>().join(", ");
            format!("{account} refused it with {status}: {fields}; mend the mapping or the CRM and replay")
        }
        Trouble::Rejected { status, .. } => {
            format!("{account} refused it with {status}; the attempt's note has its words")
        }
        Trouble::Blocked { status, why, .. }
        | Trouble::Denied { status, why, .. }
        | Trouble::Forbidden { status, why, .. } => {
            format!("{account} answered {status}: {why}")
        }
        Trouble::Failed { status, .. } => format!("{account} answered {status}"),
        Trouble::Busy { .. } => format!("{account} has too much to do"),
        Trouble::NotSent(why) => format!("{account} could not be called: {why}"),
        Trouble::Ours(error) => format!("{account} was not called: {}", classify::chain(error.as_ref())),
        Trouble::Unknown(why) => format!("{account} did not answer: {why}"),
    }
}
