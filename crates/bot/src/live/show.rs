//! One piece before the person's eyes: what allows it is looked up and recorded before the call, and what became of it
//! after.

use std::time::Duration;

use events::Key;
use ids::RequestId;
use jobs::Limit;
use pg::PgError;
use telegram::SendError;
use telegram::client::{BotApi, EditMessageText, SendMessage, SendMessageDraft};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::newest::Piece;
use super::{Live, count};
use crate::bots::Served;
use crate::domain::draft_id;
use crate::jobs::{bot_limit, limits};
use crate::store::draft::{self, Called, Locked};

/// How long a call that shows a part of an answer may take: the answer itself waits for it.
const LONGEST_CALL: Duration = Duration::from_secs(4);
/// The same with what is done around it: after this nobody is about to make the call any more.
const LONGEST: Duration = Duration::from_secs(6);
/// A piece that could not be shown by then is not shown.
const PATIENCE: Duration = Duration::from_secs(20);
/// While another call of the chat is under way, and at most between two looks.
const AGAIN: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_secs(1);
/// Between two drafts, and between two edits of a message in a group.
const DRAFT_PACE: Duration = Duration::from_millis(500);
const EDIT_PACE: Duration = Duration::from_secs(3);

/// Whether a piece may be shown.
enum Verdict {
    Now(Locked),
    Later(Duration),
    /// Something newer was shown, the answer is there, or nobody looks on.
    Never,
}

impl Live {
    /// Shows the newest of what comes of this question, until nothing waits.
    pub(super) async fn show_all(&self, request: RequestId, stop: &CancellationToken) {
        while let Some(piece) = self.newest.take(request) {
            // Before anything counts against the limits of a bot that is served elsewhere.
            let Some(served) = self.bots.get(&piece.bot) else {
                count("none", "not_served");
                continue;
            };
            let patience = Instant::now() + PATIENCE;
            while !stop.is_cancelled() {
                match self.may_show(request, &piece).await {
                    Ok(Verdict::Now(row)) => {
                        self.show(served, request, &piece, &row).await;
                        break;
                    }
                    Ok(Verdict::Later(wait)) if Instant::now() < patience => {
                        stop.run_until_cancelled(tokio::time::sleep(wait.clamp(AGAIN, LOOK))).await;
                        if self.newest.has(request) {
                            break;
                        }
                    }
                    Ok(Verdict::Later(_) | Verdict::Never) => break,
                    Err(error) => {
                        tracing::warn!(error = %classify::chain(&error), "a part of an answer is not shown");
                        break;
                    }
                }
            }
        }
    }

    async fn may_show(&self, request: RequestId, piece: &Piece) -> Result<Verdict, PgError> {
        pg::in_time(self.claim(request, piece)).await
    }

    /// Looks whether the piece may be shown now, and if so records that it is about to be.
    async fn claim(&self, request: RequestId, piece: &Piece) -> Result<Verdict, PgError> {
        let mut tx = self.pool.begin().await?;
        let rows = draft::lock_chat(&mut tx, request).await?;
        let is_calling = rows.iter().any(|row| row.shown.is_calling);
        let Some(row) = rows.into_iter().find(|row| row.request_id == request) else {
            return Ok(Verdict::Never);
        };
        if !row.is_open || row.shown.turn >= piece.turn {
            return Ok(Verdict::Never);
        }
        if is_calling {
            return Ok(Verdict::Later(AGAIN));
        }
        if row.is_group && row.shown.message_id.is_none() && !row.shown.text.is_empty() {
            // Whoever sent the first message ended before its number was known. There shall not be a second one.
            let gives_up = Called { message_id: None, gives_up: true, still: None, may_go_on: false };
            draft::called(&mut tx, request, row.shown.turn, gives_up).await?;
            tx.commit().await?;
            return Ok(Verdict::Never);
        }
        let wanted = self.limits(piece, row.is_group);
        if let Err(wait) = jobs::take_spare(&mut tx, &wanted).await? {
            return Ok(Verdict::Later(wait));
        }
        draft::calls(&mut tx, request, piece.turn, piece.text.expose(), LONGEST).await?;
        tx.commit().await?;
        Ok(Verdict::Now(row))
    }

    /// What a part of an answer counts against, and how many messages there must be room for beside it.
    fn limits(&self, piece: &Piece, is_group: bool) -> Vec<(Limit, u32)> {
        let (bot, chat_id) = (piece.bot.as_str(), piece.chat_id);
        let reserve = |limit: &Limit| if limit.key == bot_limit(bot) { limit.burst / 2 } else { 1 };
        let shared = limits(&self.config, bot, chat_id, is_group).into_iter();
        let pace = if is_group { EDIT_PACE } else { DRAFT_PACE };
        let own = Limit { key: own_limit(bot, chat_id), per: pace, burst: 1 };
        shared
            .map(|limit| (reserve(&limit), limit))
            .map(|(most, limit)| (limit, most))
            .chain([(own, 0)])
            .collect()
    }

    async fn show(&self, served: &Served, request: RequestId, piece: &Piece, row: &Locked) {
        let api = served.api.clone().with_timeouts(LONGEST_CALL, LONGEST_CALL);
        let (kind, result) = call(&api, request, piece, row).await;
        let goes_on = |error: &SendError| error.is_not_modified() || error.retry_after().is_some();
        let called = Called {
            message_id: result.as_ref().ok().copied().flatten(),
            gives_up: result.as_ref().is_err_and(|error| !goes_on(error)),
            still: match &result {
                Err(error) if error.certainly_not_done() && !error.is_not_modified() => Some(&row.shown.text),
                _ => None,
            },
            may_go_on: result.as_ref().is_err_and(SendError::outcome_is_unknown),
        };
        count(kind, result.as_ref().map_or_else(SendError::as_str, |_| "ok"));
        if let Err(error) = &result {
            tracing::debug!(error = %classify::chain(error), "a part of an answer was not shown");
        }
        let written = async {
            let mut connection = self.pool.acquire().await.map_err(PgError::from)?;
            draft::called(&mut connection, request, piece.turn, called).await?;
            if let Err(SendError::RetryAfter(wait)) = result {
                let own = own_limit(&piece.bot, piece.chat_id);
                jobs::pause(&mut connection, &own, wait).await?;
            }
            Ok(())
        };
        if let Err(error) = pg::in_time::<_, PgError>(written).await {
            // The row says until when the call may have been under way.
            tracing::warn!(error = %classify::chain(&error), "what was shown of an answer is not known");
        }
    }
}

/// The limit of parts of answers alone: one that Telegram is too busy for silences these, never the answer.
pub(crate) fn own_limit(bot: &str, chat_id: i64) -> String {
    format!("draft:{}", Key::chat(bot, chat_id))
}

/// Shows it; the number of a message that is new.
async fn call(
    api: &BotApi,
    request: RequestId,
    piece: &Piece,
    row: &Locked,
) -> (&'static str, Result<Option<i64>, SendError>) {
    let (chat_id, text) = (piece.chat_id, piece.text.expose().as_str());
    match row.shown.message_id {
        _ if !row.is_group => {
            let draft = SendMessageDraft {
                message_thread_id: row.topic,
                can_stop: true,
                keep_on_stop: true,
                ..SendMessageDraft::new(chat_id, draft_id(request), text)
            };
            ("draft", api.send_message_draft(&draft).await.map(|()| None))
        }
        Some(message_id) => {
            let edit = EditMessageText::new(chat_id, message_id, text);
            ("edit", api.edit_message_text(&edit).await.map(|()| None))
        }
        None => {
            let message = SendMessage {
                message_thread_id: row.topic,
                disable_notification: true,
                ..SendMessage::new(chat_id, text)
            };
            ("message", api.send_message(&message).await.map(|sent| Some(sent.message_id)))
        }
    }
}
