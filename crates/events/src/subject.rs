use std::fmt;

use crate::{Key, partition};

/// `ev.<service>.<aggregate>.<event>.<pp>.<key>`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(String);

impl Subject {
    /// The subject of one event type and key. `name` is `<service>.<aggregate>.<event>`.
    #[must_use]
    pub fn new(name: &str, key: &Key) -> Self {
        Self(format!("ev.{name}.{:02}.{key}", partition(key)))
    }

    /// A subject that was made before and kept.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// A filter for all events of one type; for one partition of them where `partition` is given.
    #[must_use]
    pub fn filter(name: &str, partition: Option<u8>) -> String {
        match partition {
            Some(pp) => format!("ev.{name}.{pp:02}.>"),
            None => format!("ev.{name}.>"),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The event name and the key in a subject, or `None` where it is not one of ours.
    #[must_use]
    pub fn split(subject: &str) -> Option<(&str, &str)> {
        let rest = subject.strip_prefix("ev.")?;
        let (head, key) = rest.rsplit_once('.')?;
        let (name, pp) = head.rsplit_once('.')?;
        (name.split('.').count() == 3 && pp.len() == 2 && !key.is_empty()).then_some((name, key))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The stream that holds what a service publishes: `EV_BOT`, `EV_LLM`.
#[must_use]
pub fn stream_name(service: &str) -> String {
    format!("EV_{}", service.replace('-', "_").to_uppercase())
}

/// The subjects of that stream.
#[must_use]
pub fn stream_subjects(service: &str) -> String {
    format!("ev.{service}.>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_taken_apart_into_what_it_was_made_of() {
        let key = Key::chat("dev2production", 42);
        let subject = Subject::new("gateway.update.received", &key);
        assert_eq!(Subject::split(subject.as_str()), Some(("gateway.update.received", key.as_str())));
        assert_eq!(Subject::split("ev.a.b.01.k"), None);
        assert_eq!(Subject::split("other.a.b.c.01.k"), None);
    }
}
