//! Whether the process is ready: a round of checks, asked for by anybody and run at most once a second.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use http::StatusCode;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::panic_text;
use crate::Check;

/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long the result of a round is given to whoever asks. The page is open to strangers where the listener
/// is: asking it in a loop must cost neither connections to Postgres nor lines in the log.
const FRESH: Duration = Duration::from_secs(1);

/// What decides whether the process is ready. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Readiness(Arc<Inner>);

struct Inner {
    checks: Vec<(&'static str, Check)>,
    stopping: CancellationToken,
    /// Locked while a round is under way; who asks meanwhile waits and gets its result.
    last: Arc<Mutex<Option<Round>>>,
}

/// What the checks said, and when the last of them did.
struct Round {
    ended: Instant,
    lines: Arc<[Line]>,
}

/// What anybody may read.
#[derive(Serialize)]
pub(crate) struct Page {
    status: &'static str,
    checks: Arc<[Line]>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Line {
    role: &'static str,
    check: &'static str,
    ok: bool,
    /// `unavailable`, `timeout` or `broken`. The reason is in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
}

impl Readiness {
    pub(crate) fn new(checks: Vec<(&'static str, Check)>, stopping: CancellationToken) -> Self {
        Self(Arc::new(Inner { checks, stopping, last: Arc::default() }))
    }

    pub(crate) async fn page(&self) -> (StatusCode, Page) {
        let checks = self.lines().await;
        let status = match () {
            () if self.0.stopping.is_cancelled() => "stopping",
            () if checks.len() == self.0.checks.len() && checks.iter().all(|line| line.ok) => "ready",
            () => "not ready",
        };
        let code = if status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (code, Page { status, checks })
    }

    /// The last round's result if it is fresh, else that of a new one.
    async fn lines(&self) -> Arc<[Line]> {
        let mut last = self.0.last.clone().lock_owned().await;
        if let Some(round) = last.as_ref().filter(|round| round.ended.elapsed() < FRESH) {
            return round.lines.clone();
        }
        let inner = self.0.clone();
        // On a task of its own: who asks and hangs up would otherwise leave the round unfinished, and could
        // so begin any number of them.
        let round = tokio::spawn(async move {
            let before = last.as_ref().map(|round| round.lines.clone());
            let lines = inner.round(before.as_deref().unwrap_or_default()).await;
            *last = Some(Round { ended: Instant::now(), lines: lines.clone() });
            lines
        });
        // It fails only when the runtime ends, and then nothing is ready.
        round.await.unwrap_or_default()
    }
}

impl Inner {
    async fn round(&self, before: &[Line]) -> Arc<[Line]> {
        let said = join_all(self.checks.iter().map(|(role, check)| run(role, check))).await;
        let lines: Arc<[Line]> = said.iter().map(|(line, _)| *line).collect();
        for (place, (line, why)) in said.into_iter().enumerate() {
            let was = before.get(place).and_then(|line| line.class);
            tell(&line, was, &why);
        }
        lines
    }
}

async fn run(role: &'static str, check: &Check) -> (Line, String) {
    let asked = AssertUnwindSafe(async { check.start().await }).catch_unwind();
    let failed = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(Ok(()))) => None,
        Ok(Ok(Err(text))) => Some(("unavailable", text)),
        Ok(Err(panic)) => Some(("broken", format!("it panicked: {}", panic_text(panic.as_ref())))),
        Err(_) => Some(("timeout", format!("no answer within {} s", PATIENCE.as_secs()))),
    };
    let (class, why) = failed.unzip();
    (Line { role, check: check.name, ok: class.is_none(), class }, why.unwrap_or_default())
}

/// One line in the log per change, whoever asks how often.
fn tell(line: &Line, was: Option<&'static str>, why: &str) {
    let Line { role, check, class, .. } = *line;
    match class {
        now if now == was => {}
        None => tracing::info!(role, check, "ready again"),
        Some(class) => tracing::warn!(role, check, class, why, "not ready"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    fn readiness(checks: Vec<(&'static str, Check)>) -> (Readiness, CancellationToken) {
        let stopping = CancellationToken::new();
        (Readiness::new(checks, stopping.clone()), stopping)
    }

    #[tokio::test(start_paused = true)]
    async fn every_check_is_listed_and_one_that_fails_or_hangs_is_enough() {
        let good = || ("bot", Check::new("postgres", || async { Ok(()) }));
        let (ready, stopping) = readiness(vec![good()]);
        assert_eq!(ready.page().await.0, StatusCode::OK);
        stopping.cancel();
        assert_eq!(ready.page().await.0, StatusCode::SERVICE_UNAVAILABLE, "whatever is remembered");

        let bad =
            ("bot", Check::new("nats", || async { Err("db.internal:5432 refused hunter2".to_owned()) }));
        let hangs = ("crm", Check::new("postgres", std::future::pending));
        let panics = ("crm", Check::new("mood", || async { panic!("on purpose") }));
        let (ready, _stopping) = readiness(vec![good(), bad, hangs, panics]);
        let (status, page) = ready.page().await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        insta::assert_json_snapshot!(page, @r#"
        {
          "status": "not ready",
          "checks": [
            {
              "role": "bot",
              "check": "postgres",
              "ok": true
            },
            {
              "role": "bot",
              "check": "nats",
              "ok": false,
              "class": "unavailable"
            },
            {
              "role": "crm",
              "check": "postgres",
              "ok": false,
              "class": "timeout"
            },
            {
              "role": "crm",
              "check": "mood",
              "ok": false,
              "class": "broken"
            }
          ]
        }
        "#);
    }

    /// A check that takes a while and counts how often it was begun.
    fn counted(slow: Duration) -> (Check, Arc<AtomicUsize>, Arc<AtomicBool>) {
        let (begun, well) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(true)));
        let (count, state) = (begun.clone(), well.clone());
        let check = Check::new("postgres", move || {
            count.fetch_add(1, Ordering::SeqCst);
            let state = state.clone();
            async move {
                tokio::time::sleep(slow).await;
                state.load(Ordering::SeqCst).then_some(()).ok_or_else(|| "refused by db.internal".to_owned())
            }
        });
        (check, begun, well)
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_costs_one_round_a_second_and_hanging_up_begins_no_other() {
        let (check, begun, _) = counted(Duration::from_millis(300));
        let (ready, _stopping) = readiness(vec![("bot", check)]);
        // Those who hang up while the first round is under way.
        for _ in 0..50 {
            let _ = tokio::time::timeout(Duration::from_millis(1), ready.page()).await;
        }
        let crowd = join_all((0..1000).map(|_| ready.page())).await;
        assert!(crowd.iter().all(|(status, _)| *status == StatusCode::OK));
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        tokio::time::advance(FRESH).await;
        join_all((0..1000).map(|_| ready.page())).await;
        assert_eq!(begun.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn the_reason_is_logged_once_per_change_and_never_shown() {
        let log = Log::default();
        let logged = log.lines.clone();
        let _guard = tracing::subscriber::set_default(log);
        let (check, _, well) = counted(Duration::ZERO);
        let (ready, _stopping) = readiness(vec![("bot", check)]);
        let mut pages = String::new();
        for state in [true, true, false, false, false, true, true] {
            well.store(state, Ordering::SeqCst);
            tokio::time::advance(FRESH).await;
            pages += &serde_json::to_string(&ready.page().await.1).unwrap();
        }
        assert!(!pages.contains("db.internal"), "{pages}");
        let logged = logged.lock().unwrap().clone();
        assert_eq!(logged.len(), 2, "{logged:?}");
        assert!(
            logged[0].contains("refused by db.internal") && logged[1].contains("ready again"),
            "{logged:?}"
        );
    }

    /// What this thread logs, event by event.
    #[derive(Default)]
    struct Log {
        lines: Arc<std::sync::Mutex<Vec<String>>>,
    }

    impl tracing::Subscriber for Log {
        fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
            metadata.target().ends_with("readiness")
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, event: &tracing::Event<'_>) {
            struct Text(String);
            impl tracing::field::Visit for Text {
                fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                    self.0 += &format!("{field}={value:?} ");
                }
            }
            let mut text = Text(String::new());
            event.record(&mut text);
            self.lines.lock().unwrap().push(text.0);
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }
}
