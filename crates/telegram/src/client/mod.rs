//! A client of the Bot API: one typed method per call, and an error that says what became of it.

mod answer;
mod api;
mod callback;
mod chat_action;
mod commands;
mod delete_message;
mod draft;
mod edit_message;
mod error;
mod file;
mod forum_topic;
mod get_me;
mod http;
mod inline;
mod keyboard;
mod lost;
mod media;
mod method;
mod profile;
mod reaction;
mod send_message;
mod text_options;
mod updates;
mod upload;
mod webhook;

pub use answer::Answer;
pub use api::{BotApi, BotApiError};
pub use callback::AnswerCallbackQuery;
pub use chat_action::{ChatAction, SendChatAction};
pub use commands::{BotCommand, BotCommandScope, SetMyCommands};
pub use draft::SendMessageDraft;
pub use edit_message::{EditMessageReplyMarkup, EditMessageText};
pub use error::{Block, SendError};
pub use file::{Download, DownloadError, File};
pub use forum_topic::{CreateForumTopic, EditForumTopic, ForumTopic};
pub use get_me::Me;
pub use http::{HttpClientError, http_client};
pub use inline::{AnswerInlineQuery, InlineArticle, InlineText};
pub use keyboard::{
    ButtonStyle, CopyText, ForceReply, InlineButton, InlineKeyboard, Keyboard, KeyboardButton,
    RemoveKeyboard, ReplyMarkup,
};
pub use lost::{Lost, NotSent};
pub use media::{SendFile, SentFile};
pub use method::Method;
pub use profile::ProfileText;
pub use reaction::{Emoji, SetMessageReaction};
pub use send_message::{SendMessage, Sent};
pub use text_options::{LinkPreview, ParseMode, ReplyParameters, TextEntity};
pub use updates::GetUpdates;
pub use upload::InputFile;
pub use webhook::{SetWebhook, WebhookInfo};
