//! Against a CRM that answers when it is let.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use base64::Engine;
use ids::Timestamp;
use pg::PoolSettings;
use testkit::{TestDatabase, until};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use url::Url;

use super::*;
use crate::adapters::Pair;

/// Gives `access-2`, then `access-3` and so on, one for each permit.
struct Crm {
    asked: AtomicUsize,
    given: AtomicUsize,
    go: Semaphore,
    /// What it answers instead.
    refuses: bool,
}

#[async_trait]
impl Renewal for Crm {
    async fn renew(&self, _: &Secret) -> Result<Pair, Trouble> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.go.acquire().await.unwrap().forget();
        if self.refuses {
            return Err(no_consent());
        }
        Ok(pair(self.given.fetch_add(1, Ordering::SeqCst) + 2))
    }

    async fn consented(&self, _: &Secret) -> Result<Pair, Trouble> {
        Ok(pair(1))
    }

    fn consent_address(&self) -> Option<Url> {
        None
    }
}

fn pair(nth: usize) -> Pair {
    let (access, refresh) = (Secret::new(format!("access-{nth}")), Secret::new(format!("refresh-{nth}")));
    Pair { access, refresh, expires_at: Timestamp::UNIX_EPOCH }
}

struct Bench {
    crm: Arc<Crm>,
    pool: Pool,
    grants: Grants,
    // Dropped last.
    database: TestDatabase,
}

impl Bench {
    /// The first pair is kept and its access token is over; so many connections.
    async fn new(connections: u32, refuses: bool) -> Self {
        let database = testkit::database().await;
        let pool = pool(&database, connections).await;
        pg::migrate(&pool, &crate::store::MIGRATIONS).await.unwrap();
        let grants = grants(&pool);
        grants.keep("sales", &pair(1)).await.unwrap();
        let crm =
            Crm { asked: AtomicUsize::new(0), given: AtomicUsize::new(0), go: Semaphore::new(0), refuses };
        Self { crm: Arc::new(crm), pool, grants, database }
    }

    /// Another replica.
    async fn another(&self) -> Grants {
        grants(&pool(&self.database, 2).await)
    }

    fn begin(&self, grants: &Grants) -> JoinHandle<Result<Secret, Trouble>> {
        let (grants, renewal) = (grants.clone(), self.crm.clone() as Arc<dyn Renewal>);
        tokio::spawn(async move { grants.renewed("sales", &pair(1).access, &renewal).await })
    }

    /// The renewal is at the CRM.
    async fn asked(&self, times: usize) {
        until("the CRM is asked", async || (self.crm.asked.load(Ordering::SeqCst) == times).then_some(()))
            .await;
    }

    async fn kept(&self, access: &str) {
        until("the pair is kept", async || {
            (self.grants.current("sales").await.unwrap().expose() == access).then_some(())
        })
        .await;
    }

    async fn sql(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&self.pool).await.unwrap();
    }
}

async fn pool(database: &TestDatabase, max_connections: u32) -> Pool {
    pg::connect(&PoolSettings { url: database.secret(), max_connections }, "public").await.unwrap()
}

fn grants(pool: &Pool) -> Grants {
    let key = Secret::new(base64::engine::general_purpose::STANDARD.encode([7; 32]));
    Grants::new(pool.clone(), Seal::new(std::iter::once(&key)).unwrap())
}

fn token(ended: Result<Secret, Trouble>) -> String {
    ended.unwrap().expose().to_owned()
}

#[tokio::test]
async fn a_pair_is_kept_though_the_job_that_asked_for_it_has_lost_its_lease() {
    let bench = Bench::new(2, false).await;
    let job = bench.begin(&bench.grants);
    bench.asked(1).await;
    job.abort();
    assert!(job.await.unwrap_err().is_cancelled());
    bench.crm.go.add_permits(1);
    bench.kept("access-2").await;
}

#[tokio::test]
async fn a_pair_that_the_database_does_not_take_is_written_when_it_does() {
    let bench = Bench::new(2, false).await;
    let job = bench.begin(&bench.grants);
    bench.asked(1).await;
    // A number that is taken is not given back with the transaction: it tells that the write was tried.
    bench
        .sql(
            "create sequence tried;
             create function no() returns trigger language plpgsql as
                 $$ begin perform nextval('tried'); raise exception 'the disk is full'; end $$;
             create trigger no before update on oauth_grant for each row execute function no()",
        )
        .await;
    bench.crm.go.add_permits(1);
    until("it was tried twice", async || {
        let tried: i64 =
            sqlx::query_scalar("select last_value from tried").fetch_one(&bench.pool).await.unwrap();
        (tried >= 2).then_some(())
    })
    .await;
    bench.sql("drop trigger no on oauth_grant").await;
    assert_eq!(token(job.await.unwrap()), "access-2");
    bench.kept("access-2").await;
    assert_eq!(bench.crm.asked.load(Ordering::SeqCst), 1, "the refresh token is good once");
}

#[tokio::test]
async fn no_connection_is_held_while_the_crm_is_asked() {
    let bench = Bench::new(1, false).await;
    let job = bench.begin(&bench.grants);
    bench.asked(1).await;
    assert_eq!(bench.grants.current("sales").await.unwrap().expose(), "access-1");
    bench.crm.go.add_permits(1);
    assert_eq!(token(job.await.unwrap()), "access-2");
}

#[tokio::test]
async fn another_replica_waits_for_what_is_renewed() {
    let bench = Bench::new(2, false).await;
    let another = bench.another().await;
    let job = bench.begin(&bench.grants);
    bench.asked(1).await;
    let waiting = bench.begin(&another);
    bench.crm.go.add_permits(1);
    assert_eq!(token(job.await.unwrap()), "access-2");
    assert_eq!(token(waiting.await.unwrap()), "access-2");
    assert_eq!(bench.crm.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn whoever_renewed_and_is_gone_is_followed_by_another_and_takes_nothing_back() {
    let bench = Bench::new(2, false).await;
    let another = bench.another().await;
    let late = bench.begin(&bench.grants);
    bench.asked(1).await;
    // Its time is over.
    bench.sql("update oauth_grant set renewing_until = now()").await;
    let job = bench.begin(&another);
    bench.asked(2).await;
    // Who asked first is answered first, but somebody has consented anew before.
    bench.grants.keep("sales", &pair(9)).await.unwrap();
    bench.crm.go.add_permits(2);
    assert_eq!(token(late.await.unwrap()), "access-9");
    assert_eq!(token(job.await.unwrap()), "access-9");
    bench.kept("access-9").await;
}

#[tokio::test]
async fn a_renewal_that_is_refused_leaves_the_way_free_for_the_next() {
    let bench = Bench::new(2, true).await;
    let another = bench.another().await;
    bench.crm.go.add_permits(2);
    for (times, grants) in [(1, &bench.grants), (2, &another)] {
        assert_eq!(bench.begin(grants).await.unwrap().unwrap_err().word(), "denied");
        assert_eq!(bench.crm.asked.load(Ordering::SeqCst), times);
    }
}

#[tokio::test]
async fn those_who_wait_in_one_process_share_how_it_ended_and_take_no_connection() {
    for refuses in [false, true] {
        let bench = Bench::new(1, refuses).await;
        let jobs: Vec<_> = (0..16).map(|_| bench.begin(&bench.grants)).collect();
        bench.asked(1).await;
        assert_eq!(bench.grants.current("sales").await.unwrap().expose(), "access-1");
        // More than one permit: a second request would be answered too.
        bench.crm.go.add_permits(16);
        for job in jobs {
            let ended = job.await.unwrap().map(|token| token.expose().to_owned());
            assert_eq!(
                ended.map_err(|trouble| trouble.word()),
                if refuses { Err("denied") } else { Ok("access-2".to_owned()) }
            );
        }
        assert_eq!(bench.crm.asked.load(Ordering::SeqCst), 1);
    }
}
