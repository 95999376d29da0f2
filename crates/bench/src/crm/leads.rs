//! Leads as the bot publishes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use bus::{Bus, BusSettings};
use events::message::bot::{Answer, Contact, LeadCaptured, ScoreEvidence};
use events::{Envelope, Key, Trail};
use futures::future::try_join_all;
use ids::{Ids, Secret, Uuid};
use tokio::task::JoinSet;

use super::ours::ENDPOINT;
use super::receiver::Receiver;

/// Leads on their way at once where a backlog must not end: more than the program takes in hand.
const BACKLOG: usize = 2_000;
/// Published together.
const BATCH: usize = 64;

#[derive(Clone)]
pub(super) struct Leads {
    bus: Bus,
    ids: Ids,
    receiver: Receiver,
    published: Arc<AtomicU64>,
}

impl Leads {
    pub(super) async fn new(nats: &Secret, receiver: &Receiver) -> Result<Self> {
        let bus = Bus::connect(&BusSettings::at(nats), "bench").await?;
        Ok(Self { bus, ids: Ids::system(), receiver: receiver.clone(), published: Arc::default() })
    }

    /// Since the start.
    pub(super) fn published(&self) -> u64 {
        self.published.load(Ordering::Relaxed)
    }

    /// So many a second.
    pub(super) async fn steady(&self, rate: u32, length: Duration) -> Result<()> {
        let begin = Instant::now();
        let count = (length.as_secs_f64() * f64::from(rate)) as u32;
        let mut under_way = JoinSet::new();
        for nth in 0..count {
            let due = begin + Duration::from_secs(1) * nth / rate;
            tokio::time::sleep_until(due.into()).await;
            // Nobody waits for the one before: its time is its own.
            let leads = self.clone();
            under_way.spawn(async move { leads.publish().await });
            while let Some(published) = under_way.try_join_next() {
                published??;
            }
        }
        while let Some(published) = under_way.join_next().await {
            published??;
        }
        tokio::time::sleep_until((begin + length).into()).await;
        Ok(())
    }

    /// As many as it takes for a backlog that does not end.
    pub(super) async fn saturate(&self, length: Duration) -> Result<()> {
        let end = Instant::now() + length;
        while Instant::now() < end {
            if self.receiver.under_way() > BACKLOG {
                tokio::time::sleep(Duration::from_millis(2)).await;
                continue;
            }
            try_join_all((0..BATCH).map(|_| self.publish())).await?;
        }
        Ok(())
    }

    async fn publish(&self) -> Result<()> {
        let number = self.published.fetch_add(1, Ordering::Relaxed);
        let lead = lead(self.ids.uuid(), i64::try_from(number).unwrap_or(0));
        self.receiver.expect(format!("lead_{}_{ENDPOINT}", lead.lead_id));
        let id = self.ids.event();
        let trail = Trail::start(self.ids.trace(), id.clone());
        let chat = lead.contact.as_ref().map_or(0, |contact| contact.telegram_user_id);
        self.bus.publish(Envelope::new(id, Key::chat(&lead.bot, chat), trail, lead.at_ms, &lead)).await?;
        Ok(())
    }
}

/// What an ordinary brief comes to.
fn lead(lead_id: Uuid, chat: i64) -> LeadCaptured {
    let answer = |field: &str, value: &str, text: &str| Answer {
        field: field.to_owned(),
        value: value.to_owned(),
        text: text.to_owned(),
        found: false,
    };
    LeadCaptured {
        lead_id: lead_id.to_string(),
        conversation_id: lead_id.to_string(),
        bot: "bench".to_owned(),
        flow: "intake".to_owned(),
        language: "en".to_owned(),
        temperature: "hot".to_owned(),
        score: 90,
        evidence: vec![ScoreEvidence { rule: "budget".to_owned(), points: 40, words: "5-7k usd".to_owned() }],
        answers: vec![
            answer("type", "crm", "a CRM"),
            answer("description", "", "Orders come by mail and are typed into three tables."),
            answer("timeline", "month", "within a month"),
            answer("budget", "600000", "5-7k usd"),
        ],
        why: vec!["hot: 90 points (hot from 75, warm from 40)".to_owned(), "+40 budget".to_owned()],
        contact: Some(Contact {
            name: "Ada".to_owned(),
            phone: "+79129876543".to_owned(),
            telegram_user_id: chat,
            ..Contact::default()
        }),
        start_payload: String::new(),
        attribution: None,
        at_ms: 1_790_000_000_000,
        files: Vec::new(),
    }
}
