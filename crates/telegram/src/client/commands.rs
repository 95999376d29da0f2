//! `setMyCommands` and `deleteMyCommands`: the menu of commands.

use serde::{Deserialize, Serialize};

use super::{BotApi, Method, SendError};

/// A line of the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotCommand {
    /// 1–32 of a–z, 0–9 and `_`, without the slash.
    pub command: String,
    /// 1–256 characters.
    pub description: String,
}

/// In which chats the menu shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BotCommandScope {
    Default,
    AllPrivateChats,
    AllGroupChats,
    AllChatAdministrators,
    Chat { chat_id: i64 },
}

/// The parameters of `setMyCommands`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMyCommands {
    /// At most 100.
    pub commands: Vec<BotCommand>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<BotCommandScope>,
    /// Two letters; not set: everyone for whose language there is no menu.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
}

#[derive(Serialize)]
struct DeleteMyCommands<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<BotCommandScope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language_code: Option<&'a str>,
}

impl BotApi {
    pub async fn set_my_commands(&self, commands: &SetMyCommands) -> Result<(), SendError> {
        self.call::<_, bool>(Method::SetMyCommands, commands).await.map(drop)
    }

    pub async fn delete_my_commands(
        &self,
        scope: Option<BotCommandScope>,
        language_code: Option<&str>,
    ) -> Result<(), SendError> {
        let parameters = DeleteMyCommands { scope, language_code };
        self.call::<_, bool>(Method::DeleteMyCommands, &parameters).await.map(drop)
    }
}
