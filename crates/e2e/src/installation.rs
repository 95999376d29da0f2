use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use telegram_sim::{BotSpec, Limits, Running, Simulator};
use tempfile::TempDir;
use testkit::{PrivateNats, PrivatePostgres};

use crate::programs::program;
use crate::settings::{ADMIN_TOKEN, BOT_TOKEN, Places, ROLES, settings};
use crate::{Api, BOT, Choices, Database, Person, Said, command, free_port};
use testkit::{Child, tail};

/// Which process has which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// `dragoman run --roles all`.
    OneProcess,
    /// A process for each role.
    Split,
}

/// An installation that runs, with a database, a NATS and a Telegram of its own. Its last words are kept
/// when the test fails.
#[derive(Debug)]
pub struct Installation {
    placement: Placement,
    choices: Choices,
    /// Port of each process: one, or one for each role.
    ports: Vec<u16>,
    processes: Vec<Child>,
    telegram: Running,
    nats: PrivateNats,
    database: Database,
    folder: Option<TempDir>,
}

impl Installation {
    /// Prepares an empty database as an operator does, and starts every role.
    pub async fn start(placement: Placement, choices: Choices) -> Self {
        let database = Database::Shared(testkit::database().await);
        Self::start_on(placement, choices, database, telegram_sim::Options::default()).await
    }

    /// The same, with a database and a Telegram that the test has chosen.
    pub async fn start_on(
        placement: Placement,
        choices: Choices,
        database: Database,
        telegram: telegram_sim::Options,
    ) -> Self {
        let bot = BotSpec::new(BOT, BOT_TOKEN);
        let limits = if choices.paced { Limits::default() } else { Limits::off() };
        let telegram = telegram_sim::Options { bots: vec![bot], limits, ..telegram };
        let telegram = Simulator::start(telegram);
        let (nats, telegram) = tokio::join!(testkit::nats_server(), telegram);
        let processes = match placement {
            Placement::OneProcess => 1,
            Placement::Split => ROLES.len(),
        };
        let mut installation = Self {
            placement,
            choices,
            ports: (0..processes).map(|_| free_port()).collect(),
            processes: Vec::new(),
            telegram: telegram.unwrap(),
            nats,
            database,
            folder: Some(tempfile::Builder::new().prefix("dragoman-e2e-").tempdir().unwrap()),
        };
        installation.write_settings();
        let admin_url = installation.database.url().to_owned();
        let admin = [("DRAGOMAN_ADMIN_DATABASE_URL", admin_url.as_str())];
        let migrated = command(installation.folder(), &["migrate"], &admin).await;
        assert_eq!(migrated.fine().trim(), "every schema is up to date");
        installation.start_processes().await;
        installation
    }

    /// Stops every process in order and starts it with other settings.
    pub async fn restart(&mut self, choices: Choices) {
        self.stop_processes().await;
        self.choices = choices;
        self.write_settings();
        self.start_processes().await;
    }

    /// Stops everything in order. Nothing may be left to be done.
    pub async fn stop(mut self) {
        self.nothing_is_left().await;
        self.stop_processes().await;
    }

    /// Somebody new who may write to the bot.
    pub async fn person(&self, first_name: &str, language: &str) -> Person {
        Person::new(&self.telegram.url(), first_name, language).await
    }

    #[must_use]
    pub fn api(&self) -> Api {
        Api::new(format!("http://127.0.0.1:{}", self.ports[0]), ADMIN_TOKEN)
    }

    /// The token that opens the API.
    #[must_use]
    pub fn admin_token(&self) -> &'static str {
        ADMIN_TOKEN
    }

    /// The page where one can be somebody.
    #[must_use]
    pub fn chat_page(&self) -> String {
        self.telegram.url()
    }

    /// Waits until Telegram lists a command of the bot to people of a language.
    pub async fn menu_shows(&self, language: &str, command: &str, description: &str) {
        let listed = async || {
            let answer = self.bot_api("getMyCommands", json!({ "language_code": language })).await;
            let wanted = json!({ "command": command, "description": description });
            answer.as_array()?.contains(&wanted).then_some(())
        };
        testkit::until(&format!("/{command} is in the menu"), listed).await;
    }

    /// The result of a call of the Bot API, made with the bot's token by somebody else who has it.
    pub async fn bot_api(&self, method: &str, parameters: Value) -> Value {
        let path = format!("{}/bot{}/{method}", self.chat_page(), BOT_TOKEN);
        let answer = crate::http().post(&path).json(&parameters).send().await.unwrap();
        let mut answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["ok"], true, "{method}: {answer}");
        answer["result"].take()
    }

    /// Where settings and logs are; here commands find the installation.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    /// `dragoman` on this installation, as an operator calls it.
    pub async fn dragoman(&self, args: &[&str]) -> Said {
        command(self.folder(), args, &[]).await
    }

    #[must_use]
    pub fn choices(&self) -> Choices {
        self.choices.clone()
    }

    /// Waits until there is no work in any schema, and no dead letter. The deadline of a question outlives its
    /// answer and then finds nothing to do, so does the reminder of a flow, and a chore writes itself anew for ever;
    /// they do not count.
    pub async fn nothing_is_left(&self) {
        let mut connection = PgConnection::connect(self.database.url()).await.unwrap();
        let tables = [
            "outbox",
            "job where queue not in ('bot.model-deadline', 'bot.reminder') and key <> queue",
            "dead_letter",
        ];
        let count = |schema, table| format!("(select count(*) from {schema}.{table})");
        let counts = ROLES.iter().flat_map(|(_, schema)| tables.map(|table| count(schema, table)));
        let sum = counts.collect::<Vec<_>>().join(" + ");
        let none = async || {
            let left: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select {sum}")))
                .fetch_one(&mut connection)
                .await
                .unwrap();
            (left == 0).then_some(())
        };
        testkit::until("nothing is left in any outbox, queue and place for dead letters", none).await;
    }

    /// Of the process that has this role.
    fn port_of(&self, role: &str) -> u16 {
        let nth = ROLES.iter().position(|(name, _)| *name == role).unwrap();
        self.ports[nth.min(self.ports.len() - 1)]
    }

    fn write_settings(&self) {
        let places = Places {
            database: &self.database,
            nats_url: self.nats.url().expose(),
            telegram: self.telegram.url(),
            gateway_port: self.ports[0],
            analytics_port: self.ports[self.ports.len() - 1],
            bot_port: self.port_of("bot"),
            crm_port: self.port_of("crm"),
        };
        fs::write(self.settings_file(), settings(&self.choices, &places)).unwrap();
    }

    fn settings_file(&self) -> PathBuf {
        self.folder().join("dragoman.toml")
    }

    async fn start_processes(&mut self) {
        self.processes = (0..self.ports.len()).map(|nth| self.process(nth)).collect();
        for nth in 0..self.processes.len() {
            self.until_ready(nth).await;
        }
    }

    fn process(&self, nth: usize) -> Child {
        let folder = self.folder();
        match self.placement {
            Placement::OneProcess => {
                let args = ["run", "--roles", "all", "--config", "dragoman.toml"];
                Child::start(&program("dragoman"), &args, folder, &[], folder.join("dragoman.log"))
            }
            Placement::Split => {
                let name = format!("dragoman-{}", ROLES[nth].0);
                let listen = format!("127.0.0.1:{}", self.ports[nth]);
                let variables =
                    [("DRAGOMAN__SERVER__LISTEN", listen.as_str()), ("DRAGOMAN_CONFIG", "dragoman.toml")];
                Child::start(&program(&name), &[], folder, &variables, folder.join(format!("{name}.log")))
            }
        }
    }

    async fn until_ready(&mut self, nth: usize) {
        let (client, ready) = (crate::http(), format!("http://127.0.0.1:{}/health/ready", self.ports[nth]));
        let is_ready = async |_: &Child| {
            client.get(&ready).send().await.ok().filter(|answer| answer.status().is_success())
        };
        self.processes[nth].until("it is ready", is_ready).await;
    }

    /// Ends the process that has this role by SIGKILL and starts it again at once. Returns when it is ready.
    pub async fn kill(&mut self, role: &str) {
        let nth = match self.placement {
            Placement::OneProcess => 0,
            Placement::Split => ROLES.iter().position(|(name, _)| *name == role).unwrap(),
        };
        // What is replaced is killed and waited for.
        drop(self.processes.remove(nth));
        self.processes.insert(nth, self.process(nth));
        self.until_ready(nth).await;
    }

    /// To be stopped, frozen and started again.
    pub fn nats(&mut self) -> &mut PrivateNats {
        &mut self.nats
    }

    /// The same, where the installation has a Postgres of its own.
    pub fn postgres(&mut self) -> &mut PrivatePostgres {
        self.database.postgres()
    }

    /// Where the superuser finds every schema.
    #[must_use]
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    async fn stop_processes(&mut self) {
        for process in self.processes.drain(..) {
            process.stop().await;
        }
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        self.processes.clear();
        if !thread::panicking() {
            return;
        }
        let Some(folder) = self.folder.take().map(TempDir::keep) else { return };
        eprintln!("settings and logs of the installation are kept in {}", folder.display());
        let logs = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        for log in logs.filter(|path| path.extension().is_some_and(|extension| extension == "log")) {
            eprintln!("--- the end of {}\n{}", log.display(), tail(&log));
        }
    }
}
