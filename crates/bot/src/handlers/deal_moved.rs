use async_trait::async_trait;
use bus::{BatchHandler, Delivery};
use classify::{Class, Failure};
use events::message::crm::DealMoved;
use ids::Uuid;
use pg::{AfterCommit, PgConnection};

use crate::conversation::{Conversations, Turn};
use crate::domain::{DealEnd, EndedDeal, What};
use crate::store::conversation;

/// A deal that is won or lost is told to the person whose request it came of, where the bot has words for that.
pub(crate) struct DealMovedHandler(pub(crate) Conversations);

#[async_trait]
impl BatchHandler for DealMovedHandler {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        let mut ended = Vec::new();
        for event in batch {
            let moved: DealMoved = event.decode()?;
            ended.extend(of(&moved)?.map(|(conversation, deal)| (conversation, deal, event)));
        }
        let conversations: Vec<Uuid> = ended.iter().map(|(conversation, ..)| *conversation).collect();
        let chats = conversation::chats(tx, &conversations).await?;
        let turn = |(conversation, deal, event): (Uuid, EndedDeal, &Delivery)| {
            // Somebody who was erased has none.
            let key = chats.get(&conversation)?.clone();
            if self.0.bots.get(&key.bot).is_none() {
                // Deals end months after a bot was given up, and nobody waits to hear of them.
                metrics::counter!("dragoman_deals_untold_total", "why" => "bot_not_configured").increment(1);
                return None;
            }
            Some(Turn::of_ours(key, What::DealEnded(deal), event.trail_of_effects()))
        };
        self.0.run(tx, ended.into_iter().filter_map(turn).collect()).await
    }
}

/// Whose deal has ended, and how; `None`: it goes on, is not there any more, or came of no conversation.
fn of(moved: &DealMoved) -> Result<Option<(Uuid, EndedDeal)>, Failure> {
    let end = match moved.outcome.as_str() {
        "won" => DealEnd::Won,
        "lost" => DealEnd::Lost,
        _ => return Ok(None),
    };
    if moved.conversation_id.is_empty() {
        return Ok(None);
    }
    let id = |text: &str| -> Result<Uuid, Failure> {
        text.parse().map_err(|_| Failure::new(Class::Permanent, "an id of the event is none"))
    };
    let deal = EndedDeal { id: id(&moved.deal_id)?, end, since_ms: moved.outcome_since_ms };
    Ok(Some((id(&moved.conversation_id)?, deal)))
}
