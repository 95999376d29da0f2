//! What every service says of a person: it is asked by the bot's events, and answers with its own.

use classify::Failure;
use events::message::bot::{ErasureRequested, ExportRequested};
use events::message::person::Part;
use events::{Envelope, Event, Key};
use ids::{Clock, Ids};

use crate::Delivery;

/// What is wanted of a person's data.
pub enum PersonRequest {
    Erase(ErasureRequested),
    /// To say what is held.
    Tell(ExportRequested),
}

impl PersonRequest {
    /// `None` where the event is neither.
    pub fn of(event: &Delivery) -> Result<Option<Self>, Failure> {
        match event.name() {
            ErasureRequested::NAME => Ok(Some(Self::Erase(event.decode()?))),
            ExportRequested::NAME => Ok(Some(Self::Tell(event.decode()?))),
            _ => Ok(None),
        }
    }
}

/// The answer to one of these. Its key is the id of what was asked for: nothing of the person's.
pub fn answer_about_person<E: Event>(
    event: &Delivery,
    (ids, clock): (&Ids, &Clock),
    asked: &str,
    answer: &E,
) -> Envelope {
    Envelope::new(ids.event(), Key::of(asked), event.trail_of_effects(), clock.now_ms(), answer)
}

/// What was erased; of what there was none, nothing is said.
#[must_use]
pub fn erased_parts(counts: &[(&str, u64)]) -> Vec<Part> {
    let there = counts.iter().filter(|(_, count)| *count > 0);
    there
        .map(|(kind, count)| Part {
            kind: (*kind).to_owned(),
            count: i64::try_from(*count).unwrap_or(i64::MAX),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_there_is_told() {
        let parts = erased_parts(&[("letters", 0), ("rows", 2), ("many", u64::MAX)]);
        let told: Vec<_> = parts.iter().map(|part| (part.kind.as_str(), part.count)).collect();
        assert_eq!(told, [("rows", 2), ("many", i64::MAX)]);
    }
}
