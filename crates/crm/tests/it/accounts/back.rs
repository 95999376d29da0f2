//! What comes back from the CRM: a deal that moves there is read, and told where it moved.

use bytes::Bytes;
use crm::Crm;
use events::message::bot::{Answer, ErasureRequested, ExportRequested, LeadCaptured};
use events::message::crm::{DealMoved, PersonHeld};
use futures::StreamExt;
use futures::stream::BoxStream;
use ids::{Ids, Uuid};
use prost::Message;
use testkit::crms::Trouble;
use testkit::{App, Stage, until};

use super::fakes::{Fake, KINDS, Kind};
use super::hands::{To, client};
use super::hurry;
use crate::support::{Facts, lead, publish, stage, tell};

/// The moves that are told from now on.
pub(super) struct Moves(BoxStream<'static, Bytes>);

impl Moves {
    pub(super) async fn listen(stage: &Stage) -> Self {
        let moves = Self(stage.bus().core_subscribe("ev.crm.deal.moved.>").await.unwrap());
        stage.bus().flush().await.unwrap();
        moves
    }

    pub(super) async fn next(&mut self) -> DealMoved {
        let limit = std::time::Duration::from_secs(30);
        DealMoved::decode(tokio::time::timeout(limit, self.0.next()).await.unwrap().unwrap()).unwrap()
    }
}

pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) fake: Fake,
    pub(super) app: App,
    pub(super) moves: Moves,
    pub(super) lead: LeadCaptured,
    /// The lead's deal, or lead, at the CRM.
    pub(super) deal: String,
}

pub(super) fn priced() -> LeadCaptured {
    let mut lead = lead();
    lead.conversation_id = Ids::system().uuid().to_string();
    lead.answers.push(Answer { field: "budget".to_owned(), value: "5000".to_owned(), ..Answer::default() });
    lead
}

/// A lead that has become a deal, at a CRM that tells what changes.
pub(super) async fn scene(kind: Kind) -> Scene {
    let (stage, fake) = (stage().await, Fake::start(kind).await);
    let app = stage.start(&[&Crm], &fake.telling("")).await;
    fake.tells(&app).await;
    let (mut facts, moves) = (Facts::listen(&stage).await, Moves::listen(&stage).await);
    let lead = priced();
    publish(&stage, &lead).await;
    assert_eq!(facts.next().await.outcome, "delivered", "{kind:?}");
    let deal = fake.deals()[0].id.clone();
    Scene { stage, fake, app, moves, lead, deal }
}

/// Waits until nothing is to be read any more.
pub(super) async fn read(stage: &Stage) {
    until("nothing is to be read", async || {
        let jobs = "select count(*) from job where queue = 'crm.read'";
        let jobs: i64 = sqlx::query_scalar(jobs).fetch_one(stage.pool("crm")).await.unwrap();
        (jobs == 0).then_some(())
    })
    .await;
}

pub(super) async fn deals(stage: &Stage) -> i64 {
    sqlx::query_scalar("select count(*) from deal").fetch_one(stage.pool("crm")).await.unwrap()
}

/// What the service has told of deals, in its stream.
pub(super) async fn told(stage: &Stage) -> usize {
    let (user, password) = stage.bus_login();
    let options = async_nats::ConnectOptions::with_user_and_password(user, password);
    let jetstream = async_nats::jetstream::new(options.connect(stage.bus_url()).await.unwrap());
    let stream = jetstream.get_stream("EV_CRM").await.unwrap();
    let mut subjects = stream.info_with_subjects("ev.crm.deal.moved.>").await.unwrap();
    let mut told = 0;
    while let Some(subject) = subjects.next().await {
        told += subject.unwrap().1;
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_is_won_reopened_and_lost_is_told_each_time_with_what_it_is_worth() {
    for kind in KINDS {
        let Scene { stage, fake, app, mut moves, lead, deal } = scene(kind).await;
        let (deal, answered) = fake.take_up(&deal).await;
        assert_eq!(answered, Some(200), "{kind:?}");
        let open = moves.next().await;
        assert_eq!((open.outcome.as_str(), open.account.as_str()), ("open", "sales"), "{kind:?}");
        assert_eq!(
            (&open.lead_id, &open.conversation_id),
            (&lead.lead_id, &lead.conversation_id),
            "{kind:?}"
        );
        assert_eq!(open.bot, "sales", "{kind:?}");
        read(&stage).await;

        assert_eq!(fake.put(&deal, To::Won).await, Some(200), "{kind:?}");
        let won = moves.next().await;
        let (stage_name, currency) = match kind {
            Kind::Amocrm => ("Won", "RUB"),
            Kind::Bitrix24 => ("Deal won", "RUB"),
            Kind::Hubspot => ("Closed Won", "EUR"),
        };
        assert_eq!((won.outcome.as_str(), won.stage.as_str()), ("won", stage_name), "{kind:?}");
        assert_eq!((won.amount_minor, won.currency.as_str()), (500_000, currency), "{kind:?}");
        if kind != Kind::Hubspot {
            assert!(won.responsible.starts_with("Anna"), "{kind:?}: {}", won.responsible);
        }
        assert_eq!(won.deal_id, open.deal_id, "{kind:?}");
        assert!((open.at_ms..=won.at_ms).contains(&won.outcome_since_ms), "{kind:?}");

        assert_eq!(fake.put(&deal, To::Talks).await, Some(200), "{kind:?}");
        assert_eq!(moves.next().await.outcome, "open", "{kind:?}");
        assert_eq!(fake.put(&deal, To::Lost).await, Some(200), "{kind:?}");
        assert_eq!(moves.next().await.outcome, "lost", "{kind:?}");
        read(&stage).await;
        app.stop().await;
        assert_eq!(told(&stage).await, 4, "{kind:?}: {:?}", fake.deals());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_twice_or_late_changes_nothing() {
    for kind in KINDS {
        let Scene { stage, fake, app, mut moves, deal, .. } = scene(kind).await;
        let (deal, _) = fake.take_up(&deal).await;
        moves.next().await;
        read(&stage).await;
        assert_eq!(fake.put(&deal, To::Won).await, Some(200), "{kind:?}");
        moves.next().await;
        // The same once more, and a hint of something that is long over: the deal stands where it stood.
        for _ in 0..3 {
            assert_eq!(fake.put(&deal, To::Won).await, Some(200), "{kind:?}");
        }
        read(&stage).await;
        app.stop().await;
        assert_eq!(told(&stage).await, 2, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_hints_costs_one_read_by_whatever_replica() {
    let Scene { stage, fake, app, mut moves, deal, .. } = scene(Kind::Amocrm).await;
    let other = stage.start(&[&Crm], &fake.telling("")).await;
    fake.put(&deal, To::Won).await;
    moves.next().await;
    read(&stage).await;
    let reads = || {
        let Fake::Amocrm(crm) = &fake else { unreachable!() };
        crm.calls().of(&format!("GET /api/v4/leads/{deal}"))
    };
    let before = reads();
    // The account rests for a while, and its deals go on moving.
    let paused = "insert into rate_limit (key, tat, paused_until)
                  values ('crm/sales/reads', now(), now() + interval '1 hour')
                  on conflict (key) do update set paused_until = excluded.paused_until";
    sqlx::query(paused).execute(stage.pool("crm")).await.unwrap();
    let hint = format!("leads[status][0][id]={deal}&leads[responsible][0][id]={deal}");
    for nth in 0..20 {
        let replica = if nth % 2 == 0 { &app } else { &other };
        let posted = client().post(fake.address(replica)).body(hint.clone()).send().await.unwrap();
        assert_eq!(posted.status(), 200);
    }
    fake.put(&deal, To::Lost).await;
    let jobs: i64 = sqlx::query_scalar("select count(*) from job where key <> queue")
        .fetch_one(stage.pool("crm"))
        .await
        .unwrap();
    assert_eq!(jobs, 1);
    let told = tokio::spawn(async move { moves.next().await });
    until("it is told", async || {
        hurry(&stage).await;
        told.is_finished().then_some(())
    })
    .await;
    assert_eq!(told.await.unwrap().outcome, "lost");
    other.stop().await;
    app.stop().await;
    assert_eq!(reads() - before, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_of_nobody_we_know_is_passed_over_before_the_crm_is_asked() {
    for kind in KINDS {
        let Scene { stage, fake, app, .. } = scene(kind).await;
        let theirs = testkit::crms::Deal { name: "Theirs".to_owned(), ..testkit::crms::Deal::default() };
        let theirs = match &fake {
            Fake::Amocrm(fake) => fake.add_deal(&theirs),
            Fake::Bitrix24(fake) => fake.add_deal(&theirs),
            Fake::Hubspot(fake) => fake.add_deal(&theirs),
        };
        let before = fake.calls();
        assert_eq!(fake.put(&theirs, To::Won).await, Some(200), "{kind:?}");
        assert_eq!(deals(&stage).await, 0, "{kind:?}");
        read(&stage).await;
        app.stop().await;
        assert_eq!((fake.calls(), told(&stage).await), (before, 0), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_is_away_when_the_deal_is_to_be_read_is_asked_until_it_tells() {
    for kind in KINDS {
        let Scene { stage, fake, app, mut moves, deal, .. } = scene(kind).await;
        let (deal, _) = fake.take_up(&deal).await;
        moves.next().await;
        read(&stage).await;
        fake.faults().reads([Some(Trouble::Page(502)), Some(Trouble::Cut), Some(Trouble::Status(500))]);
        assert_eq!(fake.put(&deal, To::Lost).await, Some(200), "{kind:?}");
        let told = tokio::spawn(async move { moves.next().await });
        until("it is told after all", async || {
            hurry(&stage).await;
            told.is_finished().then_some(())
        })
        .await;
        assert_eq!(told.await.unwrap().outcome, "lost", "{kind:?}");
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_leads_of_one_deal_are_one_deal_that_moves_and_one_that_is_thrown_away_is_deleted() {
    let Scene { stage, fake, app, mut moves, lead, deal } = scene(Kind::Bitrix24).await;
    let mut facts = Facts::listen(&stage).await;
    let mut second = priced();
    second.bot = "support".to_owned();
    publish(&stage, &second).await;
    facts.next().await;
    let (sold, _) = fake.take_up(&deal).await;
    assert_eq!(moves.next().await.lead_id, lead.lead_id);
    read(&stage).await;
    assert_eq!((fake.deals().len(), deals(&stage).await), (1, 1));
    let Fake::Bitrix24(portal) = &fake else { unreachable!() };
    portal.remove(&sold);
    // It tells of what is not there any more, too.
    let gone = format!(
        "event=ONCRMDEALDELETE&data[FIELDS][ID]={}&auth[application_token]=51856fefc120afa4b628cc82d3935cce",
        sold.strip_prefix("deal:").unwrap()
    );
    let posted = client().post(fake.address(&app)).body(gone).send().await.unwrap();
    assert_eq!(posted.status(), 200);
    assert_eq!(moves.next().await.outcome, "deleted");
    app.stop().await;
    assert_eq!(told(&stage).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_somebody_who_was_erased_no_deal_is_read_or_told_any_more() {
    let Scene { stage, fake, app, mut moves, lead, deal } = scene(Kind::Hubspot).await;
    fake.put(&deal, To::Won).await;
    moves.next().await;
    read(&stage).await;
    let mut held = stage.bus().core_subscribe("ev.crm.person.held.>").await.unwrap();
    stage.bus().flush().await.unwrap();
    let request = ExportRequested {
        export_id: Uuid::from_u128(6).to_string(),
        conversation_id: lead.conversation_id.clone(),
        lead_ids: vec![lead.lead_id.clone()],
        ..ExportRequested::default()
    };
    tell(&stage, "sales", &request).await;
    let held = PersonHeld::decode(held.next().await.unwrap()).unwrap().what.unwrap();
    let kept = held.holdings.iter().find(|holding| holding.kind == "deals").unwrap();
    assert_eq!(kept.count, 1);
    assert!(kept.details.contains("500000") && kept.details.contains("won"), "{}", kept.details);
    let request = ErasureRequested {
        erasure_id: Uuid::from_u128(7).to_string(),
        conversation_id: lead.conversation_id.clone(),
        lead_ids: vec![lead.lead_id.clone()],
        ..ErasureRequested::default()
    };
    tell(&stage, "sales", &request).await;
    until("the deal is forgotten", async || (deals(&stage).await == 0).then_some(())).await;
    let before = fake.calls();
    assert_eq!(fake.put(&deal, To::Lost).await, Some(200));
    read(&stage).await;
    app.stop().await;
    assert_eq!((fake.calls(), deals(&stage).await, told(&stage).await), (before, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_that_we_may_not_read_holds_up_no_other_call_and_is_read_when_we_may() {
    let Scene { stage, fake, app, mut moves, deal, .. } = scene(Kind::Amocrm).await;
    let (deal, _) = fake.take_up(&deal).await;
    moves.next().await;
    read(&stage).await;
    // The deal alone is forbidden: what is asked after it is answered.
    fake.faults().reads([Some(Trouble::Status(403))]);
    assert_eq!(fake.put(&deal, To::Won).await, Some(200));
    until("reading it is tried", async || {
        let sql = "select true from job where queue = 'crm.read' and attempt = 1 and state = 2";
        sqlx::query_scalar::<_, bool>(sql).fetch_optional(stage.pool("crm")).await.unwrap()
    })
    .await;
    let rests = "select count(*) from rate_limit where paused_until > now()";
    let rests: i64 = sqlx::query_scalar(rests).fetch_one(stage.pool("crm")).await.unwrap();
    assert_eq!(rests, 0, "one deal is no reason to call nothing");
    hurry(&stage).await;
    assert_eq!(moves.next().await.outcome, "won");
    read(&stage).await;
    app.stop().await;
}
