use e2e::{Crm, Person};
use ids::{Clock, ManualClock, SignedDuration};
use serde_json::Value;
use service_kit::Role;
use telegram_sim::{BotSpec, Limits, Running, Simulator};
use testkit::{App, Stage, until, workspace_root};

pub(crate) const BOT: &str = "dev2production";
const TOKEN: &str = "1000001:of-the-rights-tests";

pub(crate) const ROLES: [&dyn Role; 5] =
    [&gateway::Gateway, &bot::Bot, &llm_worker::LlmWorker, &crm::Crm, &analytics::Analytics];
/// The roles with their schemas.
pub(crate) const SCHEMAS: [(&str, &str); 5] = [
    ("gateway", "gateway"),
    ("bot", "bot"),
    ("llm-worker", "llm"),
    ("crm", "crm"),
    ("analytics", "analytics"),
];

/// Everything, with the hands of its clock.
pub(crate) struct World {
    pub(crate) stage: Stage,
    pub(crate) telegram: Running,
    pub(crate) crm: Crm,
    pub(crate) hands: ManualClock,
}

impl World {
    pub(crate) async fn new() -> Self {
        let bot = BotSpec::new(BOT, TOKEN);
        let options = telegram_sim::Options { bots: vec![bot], limits: Limits::off(), ..Default::default() };
        let (mut stage, telegram, crm) =
            tokio::join!(testkit::stage(&ROLES), Simulator::start(options), Crm::start());
        // The deadline of a question outlives its answer.
        stage.may_leave(&["job"]);
        let hands = ManualClock::at(Clock::system().now());
        Self { stage, telegram: telegram.unwrap(), crm, hands }
    }

    pub(crate) async fn start(&self, roles: &[&dyn Role]) -> App {
        let bots = workspace_root().join("bots");
        let toml = format!(
            "[telegram]\napi_base = \"{}\"\n[telegram.bots.{BOT}]\ntoken = \"{TOKEN}\"\n\
             [bot]\nbots_dir = {bots:?}\nerasures_every_seconds = 1\nper_chat_per_second = 0\n\
             per_group_per_minute = 0\nper_bot_per_second = 0\n\
             [llm-worker]\nbots_dir = {bots:?}\n\
             [crm]\nallow_private_addresses = [\"127.0.0.0/8\"]\n\
             [[crm.endpoints]]\nname = \"first\"\nurl = \"{}\"\nsecret = \"{}\"\n",
            self.telegram.url(),
            self.crm.url("/leads"),
            self.crm.secret(),
        );
        self.stage.start_at(roles, &toml, self.hands.clock()).await
    }

    pub(crate) async fn person(&self, name: &str) -> Person {
        Person::new(&self.telegram.url(), name, "en").await
    }

    pub(crate) fn days_pass(&self, days: i64) {
        self.hands.advance(SignedDuration::from_hours(24 * days));
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.stage.pool("bot")).await.unwrap()
    }

    /// The file that the bot has sent to a person: its name, its caption, what is in it.
    pub(crate) async fn document(&self, person: &Person, like: &str) -> (String, String, Vec<u8>) {
        let client = reqwest_client();
        let history = format!("{}/sim/history?person={}", self.telegram.url(), person.id);
        let (name, caption, id) = until(&format!("{like} is sent"), async || {
            let history: Value = client.get(&history).send().await.unwrap().json().await.unwrap();
            let entries = history["entries"].as_array().unwrap();
            entries.iter().map(|entry| &entry["message"]).rev().find_map(|message| {
                let name = message["document"]["file_name"].as_str().filter(|name| name.contains(like))?;
                let caption = message["caption"].as_str().unwrap_or_default();
                let id = message["document"]["file_id"].as_str()?;
                Some((name.to_owned(), caption.to_owned(), id.to_owned()))
            })
        })
        .await;
        let file = format!("{}/sim/files/{id}", self.telegram.url());
        let bytes = client.get(file).send().await.unwrap().bytes().await.unwrap();
        (name, caption, bytes.to_vec())
    }
}

fn reqwest_client() -> reqwest::Client {
    outbound::builder().unwrap().no_proxy().build().unwrap()
}

/// Somebody asks a question, which goes to the model, and leaves a lead with an address and a telephone number.
pub(crate) async fn becomes_known(person: &Person, email: &str) {
    person.writes("/start ad_for_one_person").await;
    person.hears("DevBot").await;
    person.writes("Could you tell the colour of the moon over Saratov at my house, please?").await;
    person.hears("").await;
    person.leaves_a_lead(email).await;
}

/// Asks to be forgotten, and means it.
pub(crate) async fn wants_to_be_forgotten(person: &Person) {
    person.writes("/forget").await;
    person.hears("for 30 days nothing changes").await;
    person.presses("🗑 Erase everything").await;
    person.hears("your data will be erased on").await;
}
