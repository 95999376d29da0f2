//! A chat as it is shown inside messages.

use serde::{Deserialize, Serialize};

use super::User;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ChatKind {
    Private,
    Group,
    Supergroup,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ChatView {
    pub(crate) id: i64,
    #[serde(rename = "type")]
    pub(crate) kind: ChatKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_name: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_forum: bool,
}

impl ChatView {
    /// The private chat with a person: it has the person's id and names.
    pub(crate) fn private(person: &User) -> Self {
        Self {
            id: person.id,
            kind: ChatKind::Private,
            title: None,
            username: person.username.clone(),
            first_name: Some(person.first_name.clone()),
            last_name: person.last_name.clone(),
            is_forum: false,
        }
    }

    /// A chat of which only the id is known: negative ids are groups, as on Telegram.
    pub(crate) fn unknown(id: i64) -> Self {
        let kind = match id {
            1.. => ChatKind::Private,
            i64::MIN..-1_000_000_000_000 => ChatKind::Supergroup,
            _ => ChatKind::Group,
        };
        let title = (kind != ChatKind::Private).then(|| format!("Chat {id}"));
        let first_name = (kind == ChatKind::Private).then(|| format!("Person {id}"));
        Self { id, kind, title, username: None, first_name, last_name: None, is_forum: false }
    }

    pub(crate) fn is_private(&self) -> bool {
        self.kind == ChatKind::Private
    }
}
