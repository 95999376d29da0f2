//! Reactions: `message_reaction` of one person, `message_reaction_count` of many unnamed.

use serde::Deserialize;

use super::incoming::Incoming;
use super::kind::UpdateKind;
use super::normalise::inside;
use super::person::Person;
use super::what::{Reaction, What};
use super::wire;

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ReactionType {
    Emoji {
        emoji: String,
    },
    CustomEmoji {
        custom_emoji_id: String,
    },
    Paid,
    #[serde(other)]
    Other,
}

impl From<ReactionType> for Reaction {
    fn from(reaction: ReactionType) -> Self {
        match reaction {
            ReactionType::Emoji { emoji } => Self::Emoji(emoji),
            ReactionType::CustomEmoji { custom_emoji_id } => Self::CustomEmoji(custom_emoji_id),
            ReactionType::Paid => Self::Paid,
            ReactionType::Other => Self::Other,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Reacted {
    chat: wire::Chat,
    message_id: i64,
    user: Option<Person>,
    actor_chat: Option<wire::Id>,
    date: Option<i64>,
    #[serde(default)]
    old_reaction: Vec<ReactionType>,
    #[serde(default)]
    new_reaction: Vec<ReactionType>,
}

impl Reacted {
    pub(super) fn into_incoming(self, update_id: i64, kind: UpdateKind) -> Incoming {
        let before: Vec<Reaction> = self.old_reaction.into_iter().map(Into::into).collect();
        let now: Vec<Reaction> = self.new_reaction.into_iter().map(Into::into).collect();
        let without = |these: &[Reaction], those: &[Reaction]| {
            these.iter().filter(|reaction| !those.contains(reaction)).cloned().collect()
        };
        let (added, removed) = (without(&now, &before), without(&before, &now));
        let what = What::Reaction { message_id: self.message_id, added, removed };
        Incoming {
            at: self.date,
            message_id: Some(self.message_id),
            sender_chat_id: self.actor_chat.map(|chat| chat.id),
            ..inside(update_id, kind, self.chat.into_ref(None), self.user, what)
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ReactionsCounted {
    chat: wire::Chat,
    message_id: i64,
    date: Option<i64>,
    #[serde(default)]
    reactions: Vec<Count>,
}

#[derive(Deserialize)]
struct Count {
    #[serde(rename = "type")]
    kind: ReactionType,
    total_count: u32,
}

impl ReactionsCounted {
    pub(super) fn into_incoming(self, update_id: i64, kind: UpdateKind) -> Incoming {
        let counts = self.reactions.into_iter().map(|count| (count.kind.into(), count.total_count)).collect();
        let what = What::ReactionCounts { message_id: self.message_id, counts };
        Incoming {
            at: self.date,
            message_id: Some(self.message_id),
            ..inside(update_id, kind, self.chat.into_ref(None), None, what)
        }
    }
}
