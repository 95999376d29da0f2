//! Keeps a task going: what fails, panics or ends too early is logged, and started again after a pause or
//! made the end of the process, as the task says.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use classify::{Class, Failure};
use futures::FutureExt;
use ids::Ids;
use tokio_util::sync::CancellationToken;

use crate::http::panic_text;
use crate::{OnError, Task};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Having run this long, a task counts as having been well.
const WELL: Duration = Duration::from_secs(60);

/// The process's end: asked for from outside, or by a task that it can not do without.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ending {
    pub(crate) stop: CancellationToken,
    culprit: Arc<OnceLock<String>>,
}

impl Ending {
    /// The first to ask is the one that is told.
    fn demand(&self, what: String) {
        let _ = self.culprit.set(what);
        self.stop.cancel();
    }

    pub(crate) fn culprit(&self) -> Option<&str> {
        self.culprit.get().map(String::as_str)
    }
}

pub(crate) async fn supervise(
    role: &'static str,
    task: Task,
    ids: Ids,
    stop: CancellationToken,
    ending: Ending,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        let started = Instant::now();
        let ended = AssertUnwindSafe(task.make(stop.clone())).catch_unwind().await;
        let failure = match ended {
            Ok(Ok(())) if task.once || stop.is_cancelled() => return,
            Ok(Ok(())) => Failure::new(Class::Permanent, "it ended by itself"),
            Ok(Err(failure)) => failure,
            Err(panic) => {
                Failure::new(Class::Permanent, format!("it panicked: {}", panic_text(panic.as_ref())))
            }
        };
        tell(role, &task, &failure);
        if stop.is_cancelled() {
            return;
        }
        if task.on_error == OnError::Shutdown {
            ending.demand(format!("{} of {role}", task.name));
            return;
        }
        if started.elapsed() > WELL {
            pause = FIRST_PAUSE;
        }
        let jittered = pause.mul_f64(0.9 + 0.2 * ids.fraction());
        tokio::select! {
            () = tokio::time::sleep(jittered) => {}
            () = stop.cancelled() => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn tell(role: &'static str, task: &Task, failure: &Failure) {
    metrics::counter!("dragoman_task_failures_total", "role" => role, "task" => task.name).increment(1);
    let (name, class) = (task.name, failure.class().as_str());
    if failure.class().is_our_fault() {
        tracing::error!(role, task = name, class, error = %failure, "a task failed");
    } else {
        tracing::warn!(role, task = name, class, error = %failure, "a task failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    async fn run(task: Task, ending: &Ending) {
        supervise("toy", task, Ids::system(), ending.stop.clone(), ending.clone()).await;
    }

    /// A task that fails, panics and ends before it goes on until it is stopped.
    fn troubled(
        attempts: &Arc<AtomicUsize>,
    ) -> impl Fn(CancellationToken) -> futures::future::BoxFuture<'static, Result<(), Failure>> + use<> {
        let attempts = attempts.clone();
        move |stop| {
            let attempt = attempts.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                match attempt {
                    0 => Err(Failure::new(Class::Transient, "not yet")),
                    1 => panic!("on purpose"),
                    2 => Ok(()),
                    _ => {
                        stop.cancelled().await;
                        Ok(())
                    }
                }
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_is_started_again_until_it_is_stopped() {
        let (attempts, ending) = (Arc::new(AtomicUsize::new(0)), Ending::default());
        let running = run(Task::new("troubled", troubled(&attempts)), &ending);
        let watch = async {
            while attempts.load(Ordering::SeqCst) < 4 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            ending.stop.cancel();
        };
        tokio::join!(running, watch);
        assert_eq!((attempts.load(Ordering::SeqCst), ending.culprit()), (4, None));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_done_once_is_done_when_it_succeeds() {
        let (attempts, ending) = (Arc::new(AtomicUsize::new(0)), Ending::default());
        run(Task::once("troubled", troubled(&attempts)), &ending).await;
        assert_eq!(attempts.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_task_that_the_process_needs_ends_it() {
        let (attempts, ending) = (Arc::new(AtomicUsize::new(1)), Ending::default());
        run(Task::new("heart", troubled(&attempts)).on_error(OnError::Shutdown), &ending).await;
        assert!(ending.stop.is_cancelled());
        assert_eq!(ending.culprit(), Some("heart of toy"));
    }
}
