//! Where a person came from, as the link that brought them tells.
//!
//! Telegram passes 64 characters of `A-Z a-z 0-9 _ -` and nothing else, so the usual `utm_source=google&utm_medium=cpc`
//! is written in one of two ways: `utm_source-google_utm_medium-cpc`, or the usual form in base64url. Anything else is
//! a name that only whoever made the link can read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Empty where nothing is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    pub source: String,
    pub medium: String,
    pub campaign: String,
    pub term: String,
    pub content: String,
}

const KEYS: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

impl Attribution {
    /// Reads the payload of a start link.
    #[must_use]
    pub fn of(payload: &str) -> Self {
        let mut read = Self::default();
        match decoded(payload) {
            Some(query) => {
                for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
                    read.set(key, value);
                }
            }
            None => read.read_plain(payload),
        }
        read
    }

    /// `utm_source-google_utm_medium-cpc`, with whatever signs between.
    fn read_plain(&mut self, payload: &str) {
        let signs: &[char] = &['_', '-'];
        let mut places: Vec<(usize, &str)> =
            KEYS.iter().filter_map(|key| Some((payload.find(key)?, *key))).collect();
        places.sort_unstable();
        for (number, (start, key)) in places.iter().enumerate() {
            let end = places.get(number + 1).map_or(payload.len(), |(next, _)| *next);
            let value = &payload[start + key.len()..end];
            self.set(key, value.trim_matches(signs));
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        let field = match key {
            "utm_source" => &mut self.source,
            "utm_medium" => &mut self.medium,
            "utm_campaign" => &mut self.campaign,
            "utm_term" => &mut self.term,
            "utm_content" => &mut self.content,
            _ => return,
        };
        value.clone_into(field);
    }
}

/// The query that a payload is in base64url, if it is one.
fn decoded(payload: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    (text.starts_with("utm_") && text.contains('=') && !text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn links_tell_where_a_person_came_from() {
        let cases = [
            ("utm_source-google_utm_medium-cpc_utm_campaign-spring_sale", "google|cpc|spring_sale||"),
            ("utm_medium-cpc--utm_source-telegram-ads", "telegram-ads|cpc|||"),
            ("utm_source_vk__utm_term_devops__utm_content_b2", "vk|||devops|b2"),
            ("dXRtX3NvdXJjZT1nb29nbGUmdXRtX21lZGl1bT1jcGM", "google|cpc|||"),
            ("ad-42", "||||"),
            ("utm_source", "||||"),
            ("", "||||"),
        ];
        for (payload, expected) in cases {
            let read = Attribution::of(payload);
            let told = [read.source, read.medium, read.campaign, read.term, read.content].join("|");
            assert_eq!(told, expected, "{payload}");
        }
    }

    proptest! {
        #[test]
        fn any_payload_is_survived(payload in "(utm_(source|medium)|[A-Za-z0-9_-]|\\PC){0,64}") {
            let _ = Attribution::of(&payload);
        }
    }
}
