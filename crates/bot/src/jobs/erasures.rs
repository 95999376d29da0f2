use std::sync::Arc;

use async_trait::async_trait;
use bus::outbox::Outbox;
use classify::Failure;
use events::message::bot::ErasureRequested;
use events::{Envelope, Key, Trail};
use ids::{Clock, Ids, SignedDuration, Timestamp};
use jobs::{Chore, Jobs, NewJob, Traces};
use pg::{AfterCommit, PgError, Pool};

use super::finish_erasure::{FINISH_ERASURE, FinishErasure};
use crate::live;
use crate::rights::OWN;
use crate::rights::report::Report;
use crate::store::conversation::{self, ChatKey};
use crate::store::erasure::{self, Running};
use crate::store::person;

pub(crate) const ERASURES: &str = "bot.erasures";

/// Begun, or asked for again, in one round.
const MOST: i64 = 50;
/// A service that has not answered for so long is asked again.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// Why what somebody said in a group stays.
const IN_GROUPS: &str = "what was said to the bot in a group belongs to the group and stands there without a note of \
                         who said it; how often its people write is remembered to keep its limits; both go with the \
                         group's conversation";

/// Begins the erasures whose days of grace are over: erases what this service holds, and asks the others to do
/// the same. Those that do not answer are asked again.
pub(crate) struct Erasures {
    pub(crate) services: Arc<[String]>,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
    pub(crate) jobs: Jobs,
}

#[async_trait]
impl Chore for Erasures {
    async fn run(&self) -> Result<(), Failure> {
        let mut all = Ok(());
        for key in erasure::due(&self.pool, self.clock.now(), MOST).await? {
            // One that fails keeps nobody else from theirs.
            if let Err(failure) = pg::in_time(self.begin(&key)).await {
                tracing::warn!(bot = key.bot, error = %failure, "an erasure could not begin and is tried again");
                all = Err(failure);
            }
        }
        pg::in_time(self.ask_again()).await.and(all)
    }
}

impl Erasures {
    /// One transaction: what this service holds is gone, and the others are asked.
    async fn begin(&self, key: &ChatKey) -> Result<(), Failure> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        conversation::lock(&mut tx, std::slice::from_ref(key)).await?;
        // Taken back, or begun by another replica, while we waited for the lock.
        let Some(mut erasure) = erasure::start(&mut tx, key, now).await? else { return Ok(()) };
        erasure.lead_ids = person::lead_ids(&mut tx, key, erasure.conversation_id).await?;
        erasure::keep_leads(&mut tx, erasure.id, &erasure.lead_ids).await?;

        let mut report = Report::default();
        report.keep("groups", person::groups(&mut tx, key).await?, IN_GROUPS);
        for (kind, count) in person::erase(&mut tx, key, erasure.conversation_id).await? {
            report.add(kind, count);
        }
        let event_key = Key::chat(&key.bot, key.chat_id);
        let mentions = mentions(&erasure);
        let traces = Traces {
            keys: &[event_key.as_str()],
            mentions: &mentions.each_ref().map(String::as_str),
            rates: &[&format!("chat:{event_key}"), &live::own_limit(&key.bot, key.chat_id)],
        };
        report.add("jobs", jobs::erase(&mut tx, traces).await?);
        let bus = bus::erase_keys(&mut tx, &[event_key.as_str()]).await?;
        // A lead left in a group has the group's key. Its ids are in no other person's events.
        let leads: Vec<String> = erasure.lead_ids.iter().map(ToString::to_string).collect();
        let leads: Vec<&str> = leads.iter().map(String::as_str).collect();
        let of_leads = bus::erase_mentions(&mut tx, &leads).await?;
        report.add("dead_letters", bus.dead_letters + of_leads.dead_letters);
        report.add("unpublished_events", bus.unpublished + of_leads.unpublished);
        erasure::answered(&mut tx, erasure.id, OWN, &report.to_value(), now).await?;

        let asked = self.ask(&mut tx, &[erasure.clone()], now).await?;
        let asked = self.finish_alone(&mut tx, &erasure, now).await?.and(asked);
        tx.commit().await.map_err(PgError::from)?;
        asked.run();
        tracing::info!(erasure = %erasure.id, bot = key.bot, "an erasure begins: every service is asked");
        Ok(())
    }

    /// Where no other service is there to answer, nobody else's word ends it.
    async fn finish_alone(
        &self,
        tx: &mut pg::PgConnection,
        erasure: &Running,
        now: Timestamp,
    ) -> Result<AfterCommit, Failure> {
        if !self.services.is_empty() || !erasure::all_answered(tx, erasure.id, now).await? {
            return Ok(AfterCommit::nothing());
        }
        let job = FinishErasure { erasure_id: erasure.id };
        let trail = Trail::start(self.ids.trace(), self.ids.event());
        let job = NewJob::json(FINISH_ERASURE, erasure.id.to_string(), &job, trail)?;
        Ok(self.jobs.enqueue(tx, vec![job]).await?)
    }

    async fn ask_again(&self) -> Result<(), Failure> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await.map_err(PgError::from)?;
        let cutoff = now.saturating_sub(PATIENCE).unwrap_or(now);
        let silent = erasure::unanswered(&mut tx, cutoff, MOST).await?;
        for erasure in &silent {
            let answers = erasure::answers(&mut tx, erasure.id).await?;
            let missing: Vec<&str> = self
                .services
                .iter()
                .filter(|service| answers.iter().all(|(answered, ..)| answered != *service))
                .map(String::as_str)
                .collect();
            tracing::warn!(
                erasure = %erasure.id, missing = missing.join(","), asked = erasure.asked,
                "services have not erased what they hold of a person; they are asked again"
            );
            erasure::asked_again(&mut tx, erasure.id, now).await?;
        }
        let asked = self.ask(&mut tx, &silent, now).await?;
        tx.commit().await.map_err(PgError::from)?;
        asked.run();
        Ok(())
    }

    async fn ask(
        &self,
        tx: &mut pg::PgConnection,
        erasures: &[Running],
        now: Timestamp,
    ) -> Result<AfterCommit, PgError> {
        let event = |erasure: &Running| {
            let request = ErasureRequested {
                erasure_id: erasure.id.to_string(),
                bot: erasure.key.bot.clone(),
                chat_id: erasure.key.chat_id,
                conversation_id: erasure.conversation_id.to_string(),
                lead_ids: erasure.lead_ids.iter().map(ToString::to_string).collect(),
                at_ms: now.as_millisecond(),
            };
            let (id, key) = (self.ids.event(), Key::chat(&erasure.key.bot, erasure.key.chat_id));
            let trail = Trail::start(self.ids.trace(), id.clone());
            Envelope::new(id, key, trail, now.as_millisecond(), &request)
        };
        let events: Vec<Envelope> = erasures.iter().map(event).collect();
        self.outbox.put(tx, &events).await
    }
}

/// What stands in the payload of each job of the chat, whatever its key.
fn mentions(erasure: &Running) -> [String; 3] {
    let ChatKey { bot, chat_id } = &erasure.key;
    let chat = |end: char| format!("\"bot\":\"{bot}\",\"chat_id\":{chat_id}{end}");
    [chat(','), chat('}'), of_conversation(erasure)]
}

/// What stands in the payload of each job of this conversation, and of no later one of the same person.
pub(super) fn of_conversation(erasure: &Running) -> String {
    format!("\"conversation_id\":\"{}\"", erasure.conversation_id)
}

#[cfg(test)]
mod tests {
    use ids::{ManualClock, Uuid};

    use super::*;
    use crate::store::tests::{change, database, number, text};

    /// Somebody who is the chat 7 of sales is to be erased, and is, as far as this service goes; the erasure's id.
    async fn erase(pool: &Pool, services: &[&str]) -> Uuid {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let (ids, key) = (Ids::system(), ChatKey { bot: "sales".to_owned(), chat_id: 7 });
        let (id, conversation_id) = (ids.uuid(), ids.conversation().0);
        let wanted = erasure::Wanted { id, key: &key, conversation_id, language: "en", now, due: now };
        erasure::request(&mut pool.acquire().await.unwrap(), &wanted).await.unwrap();
        let chore = Erasures {
            services: services.iter().map(|service| (*service).to_owned()).collect(),
            pool: pool.clone(),
            clock: ManualClock::at(now).clock(),
            ids,
            outbox: Outbox::default(),
            jobs: Jobs::default(),
        };
        chore.run().await.unwrap();
        id
    }

    #[tokio::test]
    async fn what_stays_in_groups_is_told() {
        let (_database, pool) = database().await;
        let mut connection = pool.acquire().await.unwrap();
        change(
            &mut connection,
            r#"insert into conversation (bot, chat_id, id, chat_kind, language, state)
               values ('sales', -5, gen_random_uuid(), 'group', 'en', '{"guard": {"people": [[7, {}]]}}')"#,
        )
        .await;
        let id = erase(&pool, &["crm"]).await;
        let answers = erasure::answers(&mut connection, id).await.unwrap();
        let kept = &answers[0].1["kept"];
        assert_eq!((&kept[0]["kind"], &kept[0]["count"]), (&"groups".into(), &1.into()), "{kept}");
        assert_eq!(number(&mut connection, "select count(*) from conversation where chat_id = -5").await, 1);
    }

    #[tokio::test]
    async fn neither_a_rate_nor_an_event_of_a_lead_leads_to_the_person() {
        let (_database, pool) = database().await;
        let mut connection = pool.acquire().await.unwrap();
        let limits =
            "select count(*) from rate_limit where key in ('chat:sales_7', 'draft:sales_7', 'draft:sales_8')";
        change(
            &mut connection,
            "insert into rate_limit (key, tat)
             select k, now() from unnest(array['chat:sales_7', 'draft:sales_7', 'draft:sales_8']) k",
        )
        .await;
        // Left in a group, whose key its event has.
        change(
            &mut connection,
            r#"insert into lead (id, conversation_id, bot, flow, language, temperature, score, evidence, answers, contact,
                                captured_at)
               select ('00000000-0000-0000-0000-00000000000' || n)::uuid, gen_random_uuid(), 'sales', 'intake', 'en', 'cold',
                      1, '[]', '[]', json_build_object('telegram_user_id', n), now()
               from unnest(array[7, 8]) n"#,
        )
        .await;
        change(
            &mut connection,
            "insert into outbox (event_id, subject, key, trace, correlation, occurred_at, payload)
             select id::text, 's', 'of-a-group', '', '', 1, convert_to('lead ' || id, 'UTF8') from lead",
        )
        .await;
        erase(&pool, &["crm"]).await;
        assert_eq!(number(&mut connection, limits).await, 1, "another's stays");
        let left = "select string_agg(event_id, ' ') from outbox where key = 'of-a-group'";
        assert_eq!(text(&mut connection, left).await, "00000000-0000-0000-0000-000000000008");
        // The question to the others, which names the lead, is on its way.
        assert_eq!(number(&mut connection, "select count(*) from outbox where key <> 'of-a-group'").await, 1);
    }

    #[tokio::test]
    async fn an_erasure_that_no_other_service_answers_is_ended_at_once() {
        let (_database, pool) = database().await;
        let mut connection = pool.acquire().await.unwrap();
        let ends = "select count(*) from job where queue = 'bot.erasure-finish'";
        for (services, ended) in [(&["crm"][..], 0), (&[], 1)] {
            erase(&pool, services).await;
            assert_eq!(number(&mut connection, ends).await, ended);
        }
    }
}
