//! The kinds of update of Bot API 10.3, each by the name of the field that carries it.

use std::fmt;

/// Longest name of an unknown kind that is kept; the rest tells nothing.
const MAX_UNKNOWN: usize = 64;

macro_rules! kinds {
    ($($variant:ident => $name:literal),* $(,)?) => {
        /// The kind of an update: which of its fields is set.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum UpdateKind {
            $($variant,)*
            /// A kind of a later Bot API, by the name of its field; empty if the update has nothing in it.
            Unknown(Box<str>),
        }

        impl UpdateKind {
            /// Every known kind, as `allowed_updates` wants them. To be sent with `setWebhook` and
            /// `getUpdates`: Telegram leaves some out unless they are asked for.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The kind carried by the field of this name.
            #[must_use]
            pub fn named(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)*
                    other => Self::Unknown(shorten(other).into()),
                }
            }

            /// The name of the field; `"unknown"` for one of a later Bot API. Bounded, so fit for a metric.
            #[must_use]
            pub const fn label(&self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Unknown(_) => "unknown",
                }
            }
        }
    };
}

kinds! {
    Message => "message",
    EditedMessage => "edited_message",
    ChannelPost => "channel_post",
    EditedChannelPost => "edited_channel_post",
    BusinessConnection => "business_connection",
    BusinessMessage => "business_message",
    EditedBusinessMessage => "edited_business_message",
    DeletedBusinessMessages => "deleted_business_messages",
    GuestMessage => "guest_message",
    MessageReaction => "message_reaction",
    MessageReactionCount => "message_reaction_count",
    InlineQuery => "inline_query",
    ChosenInlineResult => "chosen_inline_result",
    CallbackQuery => "callback_query",
    ShippingQuery => "shipping_query",
    PreCheckoutQuery => "pre_checkout_query",
    PurchasedPaidMedia => "purchased_paid_media",
    Poll => "poll",
    PollAnswer => "poll_answer",
    MyChatMember => "my_chat_member",
    ChatMember => "chat_member",
    ChatJoinRequest => "chat_join_request",
    ChatBoost => "chat_boost",
    RemovedChatBoost => "removed_chat_boost",
    ManagedBot => "managed_bot",
    Subscription => "subscription",
    StoppedMessageGeneration => "stopped_message_generation",
}

impl UpdateKind {
    #[must_use]
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    /// The name of the field as it came, also of an unknown one.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown(name) => name,
            known => known.label(),
        }
    }

    /// An update with nothing in it.
    pub(super) fn nothing() -> Self {
        Self::Unknown("".into())
    }
}

impl fmt::Display for UpdateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn shorten(name: &str) -> &str {
    let mut end = name.len().min(MAX_UNKNOWN);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_leads_back_to_its_kind() {
        for name in UpdateKind::NAMES {
            let kind = UpdateKind::named(name);
            assert!(kind.is_known());
            assert_eq!((kind.label(), kind.name()), (*name, *name));
        }
        assert_eq!(UpdateKind::NAMES.len(), 27);
    }

    #[test]
    fn an_unknown_kind_keeps_a_bounded_name_and_has_a_fixed_label() {
        let kind = UpdateKind::named(&"я".repeat(1000));
        assert_eq!((kind.label(), kind.name().len()), ("unknown", 64));
        assert_eq!(UpdateKind::named("telepathy").to_string(), "telepathy");
    }
}
