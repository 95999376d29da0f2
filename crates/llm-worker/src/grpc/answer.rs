//! The pieces of an answer as they go out: what is ready goes together, and each is counted.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{Stream, StreamExt};
use rpc::llm::{CallFinish, CallToolPiece, CallUsage, CompleteResponse};
use rpc::{Status, refusal};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep_until};

use super::account::Account;
use super::failure;
use crate::domain::answer::Usage;
use crate::providers::{Finish, Piece, Pieces, Problem};

/// One message holds about so much at most.
const TOGETHER: usize = 64 * 1024;
/// No model writes more. What does is not an answer.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// An answer under way. Dropping it ends the provider's call and settles it.
pub(super) struct Answer {
    pieces: Pieces,
    account: Account,
    deadline: Pin<Box<Sleep>>,
    ended: bool,
    /// What comes after the pieces that were ready before it.
    broken: Option<Status>,
    _room: OwnedSemaphorePermit,
}

impl Answer {
    pub(super) fn new(
        pieces: Pieces,
        account: Account,
        deadline: Instant,
        room: OwnedSemaphorePermit,
    ) -> Self {
        let deadline = Box::pin(sleep_until(deadline));
        Self { pieces, account, deadline, ended: false, broken: None, _room: room }
    }

    /// All of it in one message.
    pub(super) async fn whole(mut self) -> Result<CompleteResponse, Status> {
        let mut whole = CompleteResponse::default();
        while let Some(more) = self.next().await {
            join(&mut whole, more?);
        }
        Ok(whole)
    }

    fn take(&mut self, next: Option<Result<Piece, Problem>>, out: &mut CompleteResponse) {
        match next {
            Some(Ok(piece)) => {
                self.add(piece, out);
                if self.account.answer_bytes() > MOST_BYTES {
                    self.breaks(&Problem::Malformed("it is larger than 16 MiB"));
                }
            }
            Some(Err(problem)) => self.breaks(&problem),
            None => self.breaks(&Problem::Cut),
        }
    }

    fn add(&mut self, piece: Piece, out: &mut CompleteResponse) {
        match piece {
            Piece::Text(text) => {
                self.account.wrote(text.len());
                add(&mut out.text, text);
            }
            Piece::Thought(text) => {
                self.account.wrote(text.len());
                add(&mut out.thoughts, text);
            }
            Piece::ToolCall { index, id, name, arguments } => {
                self.account.wrote(arguments.len() + name.as_ref().map_or(0, String::len));
                let (id, name) = (id.unwrap_or_default(), name.unwrap_or_default());
                add_tool_call(out, CallToolPiece { index, id, name, arguments });
            }
            Piece::Usage(usage) => {
                self.account.used(usage);
                out.usage = Some(told(usage));
            }
            Piece::Model(model) => out.model = model,
            Piece::End(finish) => {
                self.account.ends(finish);
                self.ended = true;
                out.finish = word(finish).into();
            }
        }
    }

    fn breaks(&mut self, problem: &Problem) {
        tracing::warn!(error = %classify::chain(problem), "an answer of a model broke off");
        self.account.fails(problem);
        self.broken = Some(refusal(&failure::of_provider(problem)));
        self.ended = true;
    }
}

impl Stream for Answer {
    type Item = Result<CompleteResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let mut out = CompleteResponse::default();
        let mut has_some = false;
        while !this.ended && out.text.len() < TOGETHER {
            match this.pieces.as_mut().poll_next(cx) {
                Poll::Ready(next) => {
                    this.take(next, &mut out);
                    has_some |= this.broken.is_none();
                }
                Poll::Pending => break,
            }
        }
        if has_some {
            return Poll::Ready(Some(Ok(out)));
        }
        if let Some(status) = this.broken.take() {
            return Poll::Ready(Some(Err(status)));
        }
        if this.ended {
            return Poll::Ready(None);
        }
        if this.deadline.as_mut().poll(cx).is_ready() {
            this.breaks(&Problem::TimedOut);
            return Poll::Ready(this.broken.take().map(Err));
        }
        Poll::Pending
    }
}

/// Joins what is said later to what was said before.
fn join(whole: &mut CompleteResponse, more: CompleteResponse) {
    add(&mut whole.text, more.text);
    add(&mut whole.thoughts, more.thoughts);
    for call in more.tool_calls {
        add_tool_call(whole, call);
    }
    if !more.model.is_empty() {
        whole.model = more.model;
    }
    whole.usage = more.usage.or(whole.usage);
    whole.finish = whole.finish.max(more.finish);
}

fn add(whole: &mut String, more: String) {
    if whole.is_empty() {
        *whole = more;
    } else {
        whole.push_str(&more);
    }
}

fn add_tool_call(out: &mut CompleteResponse, piece: CallToolPiece) {
    match out.tool_calls.iter_mut().find(|known| known.index == piece.index) {
        Some(known) => {
            if known.name.is_empty() {
                known.name = piece.name;
            }
            known.arguments.push_str(&piece.arguments);
        }
        None => out.tool_calls.push(piece),
    }
}

fn told(usage: Usage) -> CallUsage {
    CallUsage {
        prompt_tokens: usage.prompt,
        cached_tokens: usage.cached,
        completion_tokens: usage.completion,
    }
}

fn word(finish: Finish) -> CallFinish {
    match finish {
        Finish::Stop => CallFinish::Stop,
        Finish::Length => CallFinish::Length,
        Finish::ToolCalls => CallFinish::ToolCalls,
        Finish::Filter => CallFinish::Filter,
        Finish::Refused => CallFinish::Refused,
        Finish::Other => CallFinish::Other,
    }
}
