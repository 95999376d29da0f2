//! Roles on servers of their own: a database with a login role for each schema, a private NATS, processes
//! on free ports. At the end nothing may be left to be done.

use std::fs;
use std::path::Path;
use std::thread;

use bus::{Bus, BusSettings};
use ids::{Clock, Secret};
use pg::{Pool, PoolSettings};
use service_kit::{Options, Process, Role, Settings, StartError};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{Child, OrPanic, PrivateNats, TestDatabase, database, nats_server, until};

/// What roles show each other on gRPC here.
pub const INTERNAL_TOKEN: &str = "the-internal-token-of-a-test";

/// What must be empty when a test ends well.
const EMPTY_AT_THE_END: [&str; 3] = ["outbox", "job", "dead_letter"];

/// Servers for one test, and the schemas of the roles that it starts. Start processes with
/// [`Stage::start`] and stop them before it is dropped: its drop fails the test where events, jobs or dead
/// letters are left over.
#[derive(Debug)]
pub struct Stage {
    schemas: Vec<Schema>,
    bus: Bus,
    nats: PrivateNats,
    may_leave: Vec<&'static str>,
    database: TestDatabase,
}

#[derive(Debug)]
struct Schema {
    role: &'static str,
    schema: &'static str,
    url: Secret,
    pool: Pool,
}

/// A process with some roles.
#[derive(Debug)]
pub struct App {
    process: Process,
    pools: Vec<Pool>,
}

/// Makes everything ready for these roles; none is started.
pub async fn stage(roles: &[&dyn Role]) -> Stage {
    let (database, nats) = tokio::join!(database(), nats_server());
    let mut schemas = Vec::new();
    for role in roles {
        let (role, schema) = (role.name(), role.schema());
        // Login roles belong to the whole server, so they are named after the database.
        let host = database.url.split_once('@').map_or("", |(_, host)| host);
        let url = Secret::new(format!("postgres://{}_{schema}:of-a-test@{host}", database.name));
        pg::provision(&database.secret(), schema, &url).await.or_panic("provision a schema");
        let settings = PoolSettings { url: url.clone(), max_connections: 3 };
        let pool = pg::connect(&settings, schema).await.or_panic("connect to a schema");
        schemas.push(Schema { role, schema, url, pool });
    }
    let bus = Bus::connect(&BusSettings::at(nats.url()), "test").await.or_panic("connect to NATS");
    Stage { schemas, bus, nats, may_leave: Vec::new(), database }
}

impl Stage {
    /// `toml` with the addresses of this stage put in.
    #[must_use]
    pub fn settings(&self, toml: &str) -> Settings {
        let mut settings = Settings::from_toml(toml, [])
            .or_panic("read the settings of the test")
            .with(&["server", "listen"], "127.0.0.1:0", "the stage")
            .with(&["server", "internal_token"], INTERNAL_TOKEN, "the stage")
            .with(&["nats", "url"], self.nats.url().expose(), "the stage");
        for one in &self.schemas {
            settings = settings.with(&[one.role, "database_url"], one.url.expose(), "the stage").with(
                &[one.role, "max_connections"],
                6,
                "the stage",
            );
        }
        settings
    }

    /// Starts a process with these roles, all of the stage.
    pub async fn start(&self, roles: &[&dyn Role], toml: &str) -> App {
        self.try_start(roles, toml).await.or_panic("start a process")
    }

    /// The same, where the start is to fail.
    pub async fn try_start(&self, roles: &[&dyn Role], toml: &str) -> Result<App, StartError> {
        self.launch(roles, toml, Options::default()).await
    }

    /// Starts a process whose clock the test moves.
    pub async fn start_at(&self, roles: &[&dyn Role], toml: &str, clock: Clock) -> App {
        self.launch(roles, toml, Options { clock, ..Options::default() }).await.or_panic("start a process")
    }

    async fn launch(&self, roles: &[&dyn Role], toml: &str, options: Options) -> Result<App, StartError> {
        let process = Process::start(roles, &self.settings(toml), options).await?;
        let names: Vec<_> = roles.iter().map(|role| role.name()).collect();
        let own = self.schemas.iter().filter(|one| names.contains(&one.role));
        Ok(App { process, pools: own.map(|one| one.pool.clone()).collect() })
    }

    /// Starts the program of a role of the stage as a process of its own. Settings and log lie in `folder`, named after
    /// `name`.
    #[must_use]
    pub fn program(&self, program: &Path, role: &str, toml: &str, folder: &Path, name: &str) -> Child {
        let file = folder.join(format!("{name}.toml"));
        fs::write(&file, toml).or_panic("write the settings of a program");
        let own = self.schemas.iter().find(|one| one.role == role);
        let of_role = |key: &str| format!("DRAGOMAN__{}__{key}", role.replace('-', "_").to_uppercase());
        let variables = [
            (&*of_role("DATABASE_URL"), own.map_or("", |one| one.url.expose())),
            (&*of_role("MAX_CONNECTIONS"), "6"),
            ("DRAGOMAN__SERVER__LISTEN", "127.0.0.1:0"),
            ("DRAGOMAN__SERVER__INTERNAL_TOKEN", INTERNAL_TOKEN),
            ("DRAGOMAN__NATS__URL", self.nats.url().expose()),
        ];
        let args = ["--config", file.to_str().unwrap_or_default()];
        Child::start(program, &args, folder, &variables, folder.join(format!("{name}.log")))
    }

    /// Connections with the rights of a role.
    #[must_use]
    pub fn pool(&self, role: &str) -> &Pool {
        match self.schemas.iter().find(|one| one.role == role) {
            Some(one) => &one.pool,
            None => panic!("{role} is not on this stage"),
        }
    }

    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Where NATS is, for a test that looks into streams; what opens it is [`Stage::bus_login`].
    #[must_use]
    pub fn bus_url(&self) -> &str {
        self.nats.url().expose()
    }

    /// User and password of NATS.
    #[must_use]
    pub fn bus_login(&self) -> (String, String) {
        self.nats.login()
    }

    /// To be stopped, frozen and started again.
    pub fn nats(&mut self) -> &mut PrivateNats {
        &mut self.nats
    }

    /// Tables (`dead_letter`, `job`, `outbox`) that this test leaves rows in, of whatever role.
    pub fn may_leave(&mut self, tables: &[&'static str]) {
        self.may_leave.extend(tables);
    }
}

impl App {
    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.process.address())
    }

    /// Waits until no job runs and everything in the outbox is published, then ends the process in order.
    pub async fn stop(self) {
        let busy = "select (select count(*) from outbox) + (select count(*) from job where state = 3)";
        for pool in &self.pools {
            until("nothing is under way", async || {
                let busy: i64 = sqlx::query_scalar(busy).fetch_one(pool).await.or_panic("look for work");
                (busy == 0).then_some(())
            })
            .await;
        }
        self.process.shutdown().await.or_panic("stop a process in order");
    }

    /// Cuts the process off where it stands, as a crash would.
    pub fn kill(self) {
        drop(self.process);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let address = self.database.secret();
        let tables: Vec<String> = EMPTY_AT_THE_END
            .iter()
            .filter(|table| !self.may_leave.contains(table))
            .flat_map(|table| self.schemas.iter().map(move |one| format!("{}.{table}", one.schema)))
            .collect();
        // The test's own runtime may be the one that is ending, so this takes a thread and a runtime.
        let looked = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.or_panic("start a runtime").block_on(left(&address, &tables))
        });
        match looked.join() {
            Ok(Ok(left)) if left.is_empty() => {}
            Ok(Ok(left)) => panic!("the test ends with work left over: {}", left.join(", ")),
            Ok(Err(error)) => panic!("could not look for work left over: {error}"),
            Err(_) => panic!("could not look for work left over"),
        }
    }
}

/// Those of the tables that hold rows, each with their number.
async fn left(address: &Secret, tables: &[String]) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = PgConnection::connect(address.expose()).await?;
    let mut left = Vec::new();
    for table in tables {
        let there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
            .bind(table)
            .fetch_one(&mut connection)
            .await?;
        if !there {
            continue;
        }
        // A name of ours.
        // A periodic job is always there: its queue is its key.
        let standing = if table.ends_with(".job") { " where key <> queue" } else { "" };
        let count = AssertSqlSafe(format!("select count(*) from {table}{standing}"));
        let rows: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await?;
        if rows > 0 {
            left.push(format!("{rows} in {table}"));
        }
    }
    connection.close().await?;
    Ok(left)
}
