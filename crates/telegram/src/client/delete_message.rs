//! `deleteMessage`.

use serde::Serialize;

use super::{BotApi, Method, SendError};

#[derive(Serialize)]
struct DeleteMessage {
    chat_id: i64,
    message_id: i64,
}

impl BotApi {
    /// Deletes a message of the last 48 hours. One that is gone already is an error of which
    /// [`SendError::is_message_gone`] is true.
    pub async fn delete_message(&self, chat_id: i64, message_id: i64) -> Result<(), SendError> {
        self.call::<_, bool>(Method::DeleteMessage, &DeleteMessage { chat_id, message_id }).await.map(drop)
    }
}
