//! A Telegram account as an update shows it.

use ids::Pii;
use serde::Deserialize;

/// A Telegram account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Person {
    pub id: i64,
    #[serde(default)]
    pub is_bot: bool,
    #[serde(default)]
    pub first_name: Pii<String>,
    pub last_name: Option<Pii<String>>,
    /// Without the `@`.
    pub username: Option<Pii<String>>,
    /// The language of the person's client, an IETF tag. A hint only.
    pub language_code: Option<String>,
}

impl Person {
    /// First and last name as people write them.
    #[must_use]
    pub fn full_name(&self) -> Pii<String> {
        let mut name = self.first_name.expose().clone();
        if let Some(last) = &self.last_name {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(last.expose());
        }
        Pii::new(name)
    }
}
