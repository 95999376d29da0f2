//! The methods of the Bot API that this client calls.

macro_rules! methods {
    ($($variant:ident => $name:literal),* $(,)?) => {
        /// A method of the Bot API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Method { $($variant),* }

        impl Method {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As it stands in the address and in metrics.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

methods! {
    GetMe => "getMe",
    GetUpdates => "getUpdates",
    SetWebhook => "setWebhook",
    DeleteWebhook => "deleteWebhook",
    GetWebhookInfo => "getWebhookInfo",
    SendMessage => "sendMessage",
    SendMessageDraft => "sendMessageDraft",
    SendPhoto => "sendPhoto",
    SendDocument => "sendDocument",
    SendChatAction => "sendChatAction",
    EditMessageText => "editMessageText",
    EditMessageReplyMarkup => "editMessageReplyMarkup",
    DeleteMessage => "deleteMessage",
    AnswerCallbackQuery => "answerCallbackQuery",
    SetMessageReaction => "setMessageReaction",
    GetFile => "getFile",
    SetMyCommands => "setMyCommands",
    GetMyCommands => "getMyCommands",
    DeleteMyCommands => "deleteMyCommands",
    SetMyName => "setMyName",
    GetMyName => "getMyName",
    SetMyDescription => "setMyDescription",
    GetMyDescription => "getMyDescription",
    SetMyShortDescription => "setMyShortDescription",
    GetMyShortDescription => "getMyShortDescription",
    AnswerInlineQuery => "answerInlineQuery",
    CreateForumTopic => "createForumTopic",
    EditForumTopic => "editForumTopic",
    CloseForumTopic => "closeForumTopic",
    ReopenForumTopic => "reopenForumTopic",
    DeleteForumTopic => "deleteForumTopic",
}

impl Method {
    /// The method with this name, compared as the server does: without regard to case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.as_str().eq_ignore_ascii_case(name))
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
