//! What an update says happened.

use ids::Pii;

use super::entity::Words;
use super::person::Person;

/// What happened. One case per thing the bot can answer differently; the rest is [`What::Other`].
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Text(Words),
    /// `/name@addressed_to payload`. The name in lower case, without the slash.
    Command {
        name: String,
        payload: Pii<String>,
        addressed_to: Option<String>,
    },
    /// A pressed button. `message_id` is that of the message with the button; none below an inline message.
    Button {
        callback_id: String,
        data: String,
        /// What stands on it, where the message that it is below can still be read.
        label: Option<Pii<String>>,
        message_id: Option<i64>,
    },
    /// A message of before was changed; this is what it is now.
    Edited(Box<What>),
    File(IncomingFile),
    Location(Location),
    Contact(Contact),
    InlineQuery {
        id: String,
        query: Pii<String>,
        offset: String,
    },
    /// The person chose one of the results of an inline query.
    InlineChosen {
        result_id: String,
        query: Pii<String>,
        inline_message_id: Option<String>,
    },
    /// Reactions of one person on one message: what came, what went.
    Reaction {
        message_id: i64,
        added: Vec<Reaction>,
        removed: Vec<Reaction>,
    },
    /// All anonymous reactions on one message, with how often each is there.
    ReactionCounts {
        message_id: i64,
        counts: Vec<(Reaction, u32)>,
    },
    Joined {
        people: Vec<Person>,
    },
    Left {
        person: Person,
    },
    /// Someone's standing changed without their joining or leaving.
    MemberChanged {
        person: Person,
        before: Membership,
        now: Membership,
    },
    /// Someone asks to be let in. They can be written to at `user_chat_id` for five minutes.
    JoinRequest {
        user_chat_id: i64,
        bio: Option<Pii<String>>,
        invite_link: Option<String>,
    },
    /// The person blocked the bot: nothing can be sent until they unblock it.
    BlockedByUser,
    Unblocked,
    /// The bot's own standing in a group or channel changed.
    BotMember {
        before: Membership,
        now: Membership,
    },
    /// An account of Telegram Business connected the bot, changed its rights, or disconnected it.
    BusinessConnection {
        id: String,
        user_chat_id: i64,
        enabled: bool,
        can_reply: bool,
    },
    BusinessDeleted {
        message_ids: Vec<i64>,
    },
    /// The bot was called from a chat it is no member of; it can answer only through `query_id`.
    Guest {
        query_id: String,
        inner: Box<What>,
    },
    Topic(TopicEvent),
    /// The group became the supergroup `to`; what is known about it moves there.
    MigratedTo {
        chat_id: i64,
    },
    /// The supergroup came out of the group with this id.
    MigratedFrom {
        chat_id: i64,
    },
    /// A vote in a poll that is not anonymous; no option: the vote was taken back.
    PollAnswer {
        poll_id: String,
        options: Vec<u32>,
    },
    /// The person pressed "stop" on a draft.
    GenerationStopped {
        draft_id: i64,
    },
    /// Nothing of the above: the kind of the update, or for a message `message.<what it carries>`.
    Other {
        kind: String,
    },
    /// A known kind whose content has a shape that was not expected.
    Unreadable {
        kind: String,
    },
}

/// A file, not yet fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingFile {
    pub kind: FileKind,
    /// For `getFile`, and to send it again; this bot's own.
    pub file_id: String,
    /// The same for every bot and for good.
    pub unique_id: String,
    /// As the sender's device called it. Not to be trusted as a path.
    pub name: Option<Pii<String>>,
    /// As the sender's device claims.
    pub mime: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// Seconds, of what is heard or seen.
    pub duration: Option<u32>,
    /// What a sticker stands for.
    pub emoji: Option<String>,
    pub caption: Option<Words>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    Photo,
    Document,
    Voice,
    Video,
    VideoNote,
    Audio,
    Animation,
    Sticker,
}

impl FileKind {
    /// The name of the field that carries it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Document => "document",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::VideoNote => "video_note",
            Self::Audio => "audio",
            Self::Animation => "animation",
            Self::Sticker => "sticker",
        }
    }
}

/// A point on the map, with a name if it is a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// Degrees.
    pub latitude: Pii<f64>,
    pub longitude: Pii<f64>,
    pub title: Option<Pii<String>>,
    pub address: Option<Pii<String>>,
}

/// A contact that was shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    pub phone: Pii<String>,
    pub first_name: Pii<String>,
    pub last_name: Option<Pii<String>>,
    /// The Telegram account with this number, if the sender's device knows it.
    pub user_id: Option<i64>,
}

impl Contact {
    /// Whether the sender shared their own number.
    #[must_use]
    pub fn is_of(&self, sender: &Person) -> bool {
        self.user_id == Some(sender.id)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reaction {
    Emoji(String),
    /// By the id of the emoji.
    CustomEmoji(String),
    Paid,
    /// One of a later Bot API.
    Other,
}

/// Someone's standing in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Membership {
    Owner,
    Admin,
    Member,
    /// In the chat, with less rights than others.
    Restricted,
    /// Not in the chat.
    Left,
    /// Removed and kept out. For a private chat: the person blocked the bot.
    Banned,
}

impl Membership {
    #[must_use]
    pub const fn is_in(self) -> bool {
        !matches!(self, Self::Left | Self::Banned)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicEvent {
    Created {
        name: Pii<String>,
    },
    /// The name, unless only the icon changed.
    Edited {
        name: Option<Pii<String>>,
    },
    Closed,
    Reopened,
}

impl What {
    /// A word for logs and metrics, the same for the same case.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Command { .. } => "command",
            Self::Button { .. } => "button",
            Self::Edited(_) => "edited",
            Self::File(file) => file.kind.as_str(),
            Self::Location(_) => "location",
            Self::Contact(_) => "contact",
            Self::InlineQuery { .. } => "inline_query",
            Self::InlineChosen { .. } => "inline_chosen",
            Self::Reaction { .. } => "reaction",
            Self::ReactionCounts { .. } => "reaction_counts",
            Self::Joined { .. } => "joined",
            Self::Left { .. } => "left",
            Self::MemberChanged { .. } => "member_changed",
            Self::JoinRequest { .. } => "join_request",
            Self::BlockedByUser => "blocked_by_user",
            Self::Unblocked => "unblocked",
            Self::BotMember { .. } => "bot_member",
            Self::BusinessConnection { .. } => "business_connection",
            Self::BusinessDeleted { .. } => "business_deleted",
            Self::Guest { .. } => "guest",
            Self::Topic(_) => "topic",
            Self::MigratedTo { .. } => "migrated_to",
            Self::MigratedFrom { .. } => "migrated_from",
            Self::PollAnswer { .. } => "poll_answer",
            Self::GenerationStopped { .. } => "generation_stopped",
            Self::Other { .. } => "other",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}
