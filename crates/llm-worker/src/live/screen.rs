//! Tells the bot what of an answer may be seen, at a pace, and never makes the model wait.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bus::Bus;
use events::DRAFTED;
use events::message::bot::ModelRequested;
use events::message::llm::AnswerDraft;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

/// An answer that is whole by then is not shown in parts.
const PATIENCE: Duration = Duration::from_millis(300);
/// Between two drafts of one answer at least.
const PACE: Duration = Duration::from_millis(150);
/// Generations that one delivery of a question may have.
const PER_DELIVERY: u32 = 256;

/// Whoever looks on while one question is answered.
#[derive(Debug)]
pub(crate) struct Viewer {
    bus: Bus,
    request_id: String,
    bot: String,
    chat_id: i64,
    generation: AtomicU32,
}

impl Viewer {
    /// `delivery`: how often the question has come. Another worker may have shown something of it.
    pub(crate) fn of(bus: &Bus, request: &ModelRequested, delivery: u32) -> Self {
        Self {
            bus: bus.clone(),
            request_id: request.request_id.clone(),
            bot: request.bot.clone(),
            chat_id: request.chat_id,
            generation: AtomicU32::new(delivery.saturating_mul(PER_DELIVERY)),
        }
    }

    /// What the next model writes: it takes the place of what the one before wrote.
    pub(crate) fn screen(&self) -> Screen {
        let generation = self.generation.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let draft = AnswerDraft {
            request_id: self.request_id.clone(),
            bot: self.bot.clone(),
            chat_id: self.chat_id,
            generation,
            ..AnswerDraft::default()
        };
        let (text, grows) = watch::channel(String::new());
        let stop = CancellationToken::new();
        let telling = stop.clone().run_until_cancelled_owned(tell(self.bus.clone(), draft, grows));
        tokio::spawn(telling);
        Screen { text, _stop: stop.drop_guard() }
    }
}

/// What is shown of one call's answer, until it is dropped: nothing is told of it after that.
pub(crate) struct Screen {
    text: watch::Sender<String>,
    _stop: DropGuard,
}

impl Screen {
    pub(super) fn shows(&self, text: &str) {
        self.text.send_replace(text.to_owned());
    }
}

async fn tell(bus: Bus, mut draft: AnswerDraft, mut text: watch::Receiver<String>) {
    sleep(PATIENCE).await;
    while text.changed().await.is_ok() {
        draft.text.clone_from(&text.borrow_and_update());
        draft.number = draft.number.saturating_add(1);
        if let Err(error) = bus.core_publish(DRAFTED, draft.to_bytes().into()).await {
            let error = classify::chain(&error);
            tracing::debug!(error, "a draft of an answer was not told");
        }
        metrics::counter!("dragoman_model_drafts_total").increment(1);
        sleep(PACE).await;
    }
}
