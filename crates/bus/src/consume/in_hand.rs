use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::{AckKind, Message};

/// How often the server is told of what is still in hand; well within the shortest `ack_wait`.
const EVERY: Duration = Duration::from_secs(2);

/// The messages that a consumer has received and not settled, those among them that wait for their turn. While
/// the database is away the server would deliver them again and again, and count it.
pub(super) struct InHand {
    client: Client,
    replies: Mutex<HashSet<String>>,
}

impl InHand {
    pub(super) fn new(client: Client) -> Self {
        Self { client, replies: Mutex::default() }
    }

    pub(super) fn take(&self, message: &Message) {
        if let Some(reply) = &message.reply {
            self.replies.lock().unwrap_or_else(PoisonError::into_inner).insert(reply.to_string());
        }
    }

    /// To be called before the message is settled, whichever way.
    pub(super) fn let_go(&self, message: &Message) {
        if let Some(reply) = &message.reply {
            self.replies.lock().unwrap_or_else(PoisonError::into_inner).remove(reply.as_str());
        }
    }

    /// Tells the server that work on them goes on, for as long as it is polled.
    pub(super) async fn keep(&self) {
        let mut known: HashSet<String> = HashSet::new();
        loop {
            tokio::time::sleep(EVERY).await;
            let now = self.replies.lock().unwrap_or_else(PoisonError::into_inner).clone();
            for reply in now.intersection(&known) {
                let told = self.client.publish(reply.clone(), AckKind::Progress.into()).await;
                if let Err(error) = told {
                    tracing::debug!(%error, "the server could not be told that work goes on");
                }
            }
            known = now;
        }
    }
}
