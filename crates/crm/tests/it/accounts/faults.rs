//! Many leads, several replicas, a CRM that answers badly, processes that are killed in the middle: each lead is there once, whole,
//! in order, and the ledger of attempts explains it.

use std::path::Path;
use std::time::Duration;

use ids::Ids;
use tempfile::TempDir;
use testkit::crms::Trouble;
use testkit::{Child, Stage, until};

use super::fakes::{Fake, KINDS, Kind};
use super::{deliveries, handoff_of, tell_llm};
use crate::support::{lead, publish, stage};

const REPLICAS: usize = 4;
/// Replicas that are killed, one after each such part of the leads.
const KILLED: usize = 10;

/// Runs of numbers that look as chance and are the same in each run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Instead of a minute and a half: it is longer than the CRM is at work on anything here.
const SETTLES_IN: u32 = 2;

/// One call in ten that writes meets trouble; half of it after the CRM has done what it was asked, or before it does it.
fn troubles(chance: &mut Chance, calls: usize) -> Vec<Option<Trouble>> {
    let mut one = || match chance.below(40) {
        0 => Some(Trouble::DoneAndCut),
        1 => Some(Trouble::CutAndDone(Duration::from_millis(300 + chance.below(300)))),
        2 => Some(Trouble::Cut),
        3 => Some(Trouble::Page(502)),
        _ => None,
    };
    (0..calls).map(|_| one()).collect()
}

/// Whatever waits for its next attempt makes it now; but nobody looks too soon for what a call may still do.
async fn hurry(stage: &Stage) {
    sqlx::query(
        "update job j set run_at = now() where queue = 'crm.deal' and state = 2 and run_at > now() and not exists (
             select from attempt a where a.delivery_id = convert_from(j.payload, 'UTF8')::jsonb->>'delivery_id'
                 and (a.outcome is null or a.outcome = 'unknown')
                 and a.started_at > now() - make_interval(secs => $1) - coalesce(a.took_ms, 0) * interval '1 ms')",
    )
    .bind(f64::from(SETTLES_IN))
    .execute(stage.pool("crm"))
    .await
    .unwrap();
    for moved in [
        "update rate_limit set paused_until = null",
        // Who lives has renewed its leases of fifteen seconds when a third of them was over.
        "update job set lease_until = now() where state = 3 and lease_until between now() and now() + interval '7 seconds'",
    ] {
        sqlx::query(moved).execute(stage.pool("crm")).await.unwrap();
    }
}

/// The replicas, each a process of its own.
struct Replicas<'a> {
    stage: &'a Stage,
    config: String,
    folder: TempDir,
    running: Vec<Child>,
    begun: usize,
}

impl Replicas<'_> {
    async fn begin(&mut self) {
        self.begun += 1;
        let (program, name) = (Path::new(env!("CARGO_BIN_EXE_dragoman-crm")), format!("crm-{}", self.begun));
        let mut replica = self.stage.program(program, "crm", &self.config, self.folder.path(), &name);
        replica.until("it has started", async |it: &Child| it.said().contains("started").then_some(())).await;
        self.running.push(replica);
    }

    /// SIGKILL: nothing is finished, nothing is told to anybody.
    fn kill(&mut self, nth: usize) {
        drop(self.running.swap_remove(nth));
    }

    /// All of them still run: none has ended by itself.
    fn are_well(&mut self) {
        for replica in &mut self.running {
            let ended = replica.ended();
            assert!(ended.is_none(), "a replica ended ({ended:?}):\n{}", replica.said());
        }
    }
}

async fn many(kind: Kind, leads: usize) {
    let (mut chance, ids) = (Chance(0x5eed), Ids::system());
    let (stage, fake) = (stage().await, Fake::start(kind).await);
    fake.faults().writes(troubles(&mut chance, leads * 4));
    fake.faults().reads(troubles(&mut chance, leads).into_iter().map(|trouble| {
        // A call that only reads has nothing to be done.
        trouble.map(|trouble| match trouble {
            Trouble::DoneAndCut | Trouble::CutAndDone(_) => Trouble::Cut,
            other => other,
        })
    }));
    let config = fake.config(&format!("settle_seconds = {SETTLES_IN}\n"));
    let folder = TempDir::new().unwrap();
    let mut replicas = Replicas { stage: &stage, config, folder, running: Vec::new(), begun: 0 };
    for _ in 0..REPLICAS {
        replicas.begin().await;
    }
    // Every tenth has news.
    let with_news = leads / 10;
    for nth in 0..leads {
        let mut lead = lead();
        lead.conversation_id = ids.uuid().to_string();
        let contact = lead.contact.as_mut().unwrap();
        contact.phone = format!("+7912{nth:07}");
        contact.name = format!("Person {nth}");
        contact.telegram_user_id = 1_000 + i64::try_from(nth).unwrap();
        let news = handoff_of(&lead, &format!("news of {nth}"));
        // The news come behind the lead, or before it.
        if nth < with_news && nth % 2 == 0 {
            tell_llm(&stage, &news).await;
        }
        publish(&stage, &lead).await;
        if nth < with_news && nth % 2 == 1 {
            tell_llm(&stage, &news).await;
        }
    }
    let all = leads + with_news;
    let (mut next_end, mut before) = (all / KILLED, 0);
    loop {
        let now = deliveries(&stage, "delivered").await;
        if now >= all {
            break;
        }
        if now >= next_end {
            replicas.kill(usize::try_from(chance.below(REPLICAS as u64)).unwrap());
            replicas.begin().await;
            next_end += all / KILLED;
        }
        replicas.are_well();
        // Whatever waits for its next attempt makes it now.
        until("more is delivered, or waits", async || {
            hurry(&stage).await;
            let now = deliveries(&stage, "delivered").await;
            (now > before || now >= all).then_some(())
        })
        .await;
        before = deliveries(&stage, "delivered").await;
    }
    until("nothing is under way", async || {
        let busy = "select (select count(*) from outbox) + (select count(*) from job where state = 3)";
        let busy: i64 = sqlx::query_scalar(busy).fetch_one(stage.pool("crm")).await.unwrap();
        (busy == 0).then_some(())
    })
    .await;
    assert!(replicas.begun > REPLICAS + KILLED / 2, "{kind:?}: hardly any was killed: {}", replicas.begun);
    for replica in replicas.running {
        replica.stop().await;
    }

    let (deals, people) = (fake.deals(), fake.people());
    assert_eq!((deals.len(), people.len()), (leads, leads), "{kind:?}");
    let mut names: Vec<&str> = deals.iter().map(|deal| deal.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), leads, "{kind:?}: each lead once");
    let mut news = 0;
    for deal in &deals {
        assert!(deal.notes[0].contains("budget"), "{kind:?}: whole: {deal:?}");
        assert!(deal.notes.len() <= 2, "{kind:?}: told twice: {deal:?}");
        if let Some(told) = deal.notes.get(1) {
            assert!(told.contains("news of"), "{kind:?}: in order: {deal:?}");
            news += 1;
        }
    }
    assert_eq!(news, with_news, "{kind:?}");
    assert!(!fake.has_shut_us_out(), "{kind:?}");
    // The ledger explains each: what was made was asked for, and every attempt that nobody knows of was looked into.
    let unexplained: i64 = sqlx::query_scalar(
        "select count(*) from delivery d where not exists (
             select from attempt a where a.delivery_id = d.id and a.step = 'add the note'
                 and (a.outcome = 'done' or exists (
                     select from attempt b where b.delivery_id = d.id and b.n > a.n and b.step = 'look for the note'
                         and b.outcome = 'done')))",
    )
    .fetch_one(stage.pool("crm"))
    .await
    .unwrap();
    assert_eq!(unexplained, 0, "{kind:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_leads_are_there_once_whole_and_in_order_whatever_breaks() {
    for (kind, leads) in KINDS.into_iter().zip([1_200, 400, 400]) {
        many(kind, leads).await;
    }
}
