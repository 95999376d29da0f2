//! Where an answer is put: below everything, or in place of the one that was given before the question was edited.

use classify::Failure;
use jobs::JobError;
use pg::PgError;
use telegram::SendError;
use telegram::client::{BotApi, EditMessageText, ReplyParameters, SendMessage as Call};

use super::send::{SendMessage, keyboard};
use crate::conversation::Send;
use crate::domain::Place;
use crate::store::message;

impl SendMessage {
    /// The message whose place this answer takes, if it takes one's. A chat's messages go out one after the other,
    /// so the one before is known by now.
    pub(super) async fn answer_before(&self, send: &Send) -> Result<Option<i64>, JobError> {
        if send.place != Place::InPlace || send.answers == 0 {
            return Ok(None);
        }
        let found = async {
            let mut connection = self.pool.acquire().await.map_err(PgError::from)?;
            message::last_answer(&mut connection, send.conversation_id, send.answers).await
        };
        pg::in_time(found).await.map_err(|error| JobError::from(Failure::from(error)))
    }
}

/// Changes the message `before`, or sends a new one where there is none to be changed. The message's number.
pub(super) async fn put(api: &BotApi, send: &Send, before: Option<i64>) -> Result<i64, SendError> {
    let text = send.text.expose().as_str();
    let buttons = (!send.buttons.is_empty()).then(|| keyboard(send));
    if let Some(message_id) = before {
        let mut edit = EditMessageText::new(send.chat_id, message_id, text);
        edit.reply_markup.clone_from(&buttons);
        match api.edit_message_text(&edit).await {
            Err(error) if error.is_message_gone() => {}
            Err(error) if error.is_not_modified() => return Ok(message_id),
            Err(error) => return Err(error),
            Ok(()) => return Ok(message_id),
        }
    }
    let mut call = Call::new(send.chat_id, text);
    if send.place != Place::Below && send.answers != 0 {
        call.reply_parameters = Some(ReplyParameters::to(send.answers));
    }
    call.reply_markup = buttons.map(Into::into);
    call.message_thread_id = send.topic;
    let mut result = api.send_message(&call).await;
    if call.message_thread_id.is_some() && result.as_ref().is_err_and(SendError::is_topic_gone) {
        // The topic was deleted meanwhile; what stands in the chat itself is better than silence.
        call.message_thread_id = None;
        result = api.send_message(&call).await;
    }
    result.map(|sent| sent.message_id)
}
