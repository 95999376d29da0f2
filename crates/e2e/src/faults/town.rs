use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bus::{Bus, BusSettings};
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

use super::answers::Answers;
use super::chats::{Chats, FIRST_CHAT};
use super::report::{Fault, Report, Twice};
use crate::{Choices, Database, Installation, Kpi, Placement, Updates};

/// Whose streams there are.
const SERVICES: [&str; 5] = ["gateway", "bot", "llm", "crm", "analytics"];
/// Longer than any recovery on a machine that is busy with other tests.
const ANSWERED_WITHIN: Duration = Duration::from_secs(90);

/// An installation with servers of its own, and the people of 200 chats who ask it questions.
#[derive(Debug)]
pub struct Town {
    pub installation: Installation,
    chats: Arc<Chats>,
    answers: Arc<Answers>,
    /// How much each chat had asked before what is asked now.
    before: Vec<usize>,
    /// How many answers ended as dead letters.
    given_up: i64,
}

impl Town {
    pub const CHATS: usize = 200;

    pub async fn new(placement: Placement) -> Self {
        let answers = Answers::new(Self::CHATS);
        let observer = Some(answers.observer(FIRST_CHAT));
        let telegram = telegram_sim::Options { any_chat: true, observer, ..telegram_sim::Options::default() };
        let database = Database::Own(testkit::postgres_server().await);
        let choices = Choices::new(Updates::Webhook).without_limits();
        let installation = Installation::start_on(placement, choices, database, telegram).await;
        let chats = Chats::new(Self::CHATS, installation.api().url());
        Self { installation, chats, answers, before: vec![0; Self::CHATS], given_up: 0 }
    }

    /// Everybody begins to ask `each` more questions, the next of a chat `pace` after the one before was accepted.
    #[must_use]
    pub fn ask(&self, each: usize, pace: Duration) -> JoinSet<()> {
        self.chats.ask(each, pace, 1)
    }

    /// The same, every update delivered twice at once.
    #[must_use]
    pub fn ask_twice(&self, each: usize, pace: Duration) -> JoinSet<()> {
        self.chats.ask(each, pace, 2)
    }

    /// Delivers everything again that was ever asked.
    pub async fn repeat_all(&self) {
        self.chats.repeat_all().await;
    }

    /// How Telegram knows a chat.
    #[must_use]
    pub fn chat_id(&self, chat: usize) -> i64 {
        FIRST_CHAT + i64::try_from(chat).unwrap()
    }

    /// Orders a fault of Telegram, as the simulator's control API takes it.
    pub async fn telegram_breaks(&self, rule: &Value) {
        let url = format!("{}/sim/faults", self.installation.chat_page());
        let answer = crate::http().post(url).json(rule).send().await.unwrap();
        assert!(answer.status().is_success(), "{rule}: {}", answer.text().await.unwrap());
    }

    /// How many updates the gateway has accepted.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.chats.count()
    }

    /// How often an update was answered 503, and how often not at all.
    #[must_use]
    pub fn refused(&self) -> (usize, usize) {
        let post = &self.chats.post;
        (post.unavailable.load(Ordering::Relaxed), post.unanswered.load(Ordering::Relaxed))
    }

    /// Waits until so many more updates are accepted: things break in the middle of the work.
    pub async fn until_accepted(&self, more: usize) {
        let before = self.accepted();
        let enough = async || (self.accepted() >= before + more).then_some(());
        testkit::until("more updates are accepted", enough).await;
    }

    /// Waits until so many more messages have reached Telegram.
    pub async fn until_answered(&self, more: usize) {
        let before = self.answers.count();
        let enough = async || (self.answers.count() >= before + more).then_some(());
        testkit::until("more updates are answered", enough).await;
    }

    /// Waits until so many messages have reached Telegram since the last check.
    pub async fn until_heard(&self, messages: usize) {
        let enough = async || (self.answers.count() >= messages).then_some(());
        testkit::until("people have heard so much", enough).await;
    }

    /// Waits until no more than so many sends are to be done or under way.
    pub async fn until_sends(&self, left: i64) {
        let mut connection = PgConnection::connect(self.installation.database_url()).await.unwrap();
        let few = async || {
            let sends = "select count(*) from bot.job where queue = 'bot.send'";
            let sends: i64 = sqlx::query_scalar(sends).fetch_one(&mut connection).await.unwrap();
            (sends <= left).then_some(())
        };
        testkit::until("the other sends are done", few).await;
    }

    /// Waits until so many sends are given up, and discards them as an operator does.
    pub async fn discard_dead_letters(&mut self, count: usize) {
        let list = async || {
            let listed = self.installation.dragoman(&["dead-letters", "list", "--json"]).await.fine();
            let letters: Vec<Value> =
                listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            (letters.len() >= count).then_some(letters)
        };
        let letters = testkit::until("sends are given up", list).await;
        assert_eq!(letters.len(), count, "{letters:?}");
        for letter in letters {
            let id = letter["id"].to_string();
            let discard = ["dead-letters", "discard", "--service", "bot", id.as_str()];
            let said = self.installation.dragoman(&discard).await.fine();
            assert!(said.contains("is deleted"), "{said}");
        }
        self.given_up += i64::try_from(count).unwrap();
    }

    /// Breaks something, mends it, and remembers when.
    pub async fn broken<T>(&mut self, name: &str, breaks: impl AsyncFnOnce(&mut Installation) -> T) -> Fault {
        let began = Instant::now();
        breaks(&mut self.installation).await;
        Fault { name: name.to_owned(), began, ended: Instant::now() }
    }

    /// Waits until everything asked is answered and no work is left anywhere, then checks what people heard
    /// and what was counted.
    pub async fn check(&mut self, what: &str, asking: JoinSet<()>, twice: Twice, faults: &[Fault]) -> Report {
        asking.join_all().await;
        self.all_answered(what).await;
        self.installation.nothing_is_left().await;
        self.no_consumer_lags().await;
        let asked = self.chats.of_all();
        let report = Report::check(&self.before, &asked, &self.answers.take(), &twice, faults);
        self.before = asked.iter().map(Vec::len).collect();
        let total = i64::try_from(self.accepted()).unwrap();
        let answered = total - self.given_up;
        let counted = |kpi: &Kpi| kpi.count("/updates") == total && kpi.count("/latency/answers") == answered;
        self.installation.api().kpi_when(&format!("{total} updates, each answered"), counted).await;
        let (unavailable, unanswered) = self.refused();
        eprintln!("{what}: {report:?}; so far {total} updates, {unavailable} × 503, {unanswered} unanswered");
        report
    }

    async fn all_answered(&self, what: &str) {
        let began = Instant::now();
        loop {
            let wanted: Vec<usize> = self
                .chats
                .of_all()
                .iter()
                .zip(&self.before)
                .map(|(asked, before)| asked.len() - before)
                .collect();
            let heard = self.answers.of_all();
            let distinct = |chat: usize| {
                let mut questions: Vec<_> = heard[chat].iter().map(|answer| &answer.question).collect();
                questions.dedup();
                questions.len()
            };
            let silent: Vec<usize> =
                (0..Self::CHATS).filter(|chat| distinct(*chat) < wanted[*chat]).collect();
            if silent.is_empty() {
                return;
            }
            assert!(
                began.elapsed() < ANSWERED_WITHIN,
                "{what}: {} chats wait for answers: {silent:?}",
                silent.len()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn no_consumer_lags(&mut self) {
        let settings = BusSettings::at(self.installation.nats().url());
        let bus = Bus::connect(&settings, "faults").await.unwrap();
        let none = async || {
            for service in SERVICES {
                let lags = bus.lags(service).await.ok()?;
                assert!(service == "crm" || !lags.is_empty(), "nobody consumes what {service} publishes");
                if !lags.iter().all(|(_, lag)| lag.is_zero()) {
                    return None;
                }
            }
            Some(())
        };
        testkit::until("no consumer has anything before it", none).await;
    }
}
