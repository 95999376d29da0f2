//! Webhooks that begin in the same moment share one statement and one commit: while one is under way, whoever comes waits
//! for the next.

use std::sync::{Mutex, PoisonError};

use pg::{PgError, Pool};
use tokio::sync::oneshot;

use crate::store::begin::{Asked, Begun, all};

/// `None`: the statement of all failed, and each begins alone.
type Answer = oneshot::Sender<Option<Begun>>;

/// Of one process.
pub(crate) struct Beginnings {
    pool: Pool,
    waiting: Mutex<Vec<(Asked, Answer)>>,
    /// Whoever has it begins for all who wait.
    turn: tokio::sync::Mutex<()>,
}

impl Beginnings {
    pub(crate) fn new(pool: Pool) -> Self {
        Self { pool, waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    /// Notes that an attempt begins, where it may.
    pub(crate) async fn begin(&self, asked: Asked) -> Result<Begun, PgError> {
        let (answer, mut heard) = oneshot::channel();
        self.waiting().push((asked.clone(), answer));
        {
            let _turn = self.turn.lock().await;
            let waiting = std::mem::take(&mut *self.waiting());
            if !waiting.is_empty() {
                self.begin_all(waiting).await;
            }
        }
        // Whose turn came before may have been cut off with the answer; one attempt more is noted then, as one of which
        // nobody knows how it ended.
        match heard.try_recv() {
            Ok(Some(begun)) => Ok(begun),
            _ => Ok(all(&self.pool, &[&asked]).await?.pop().unwrap_or(Begun::Nothing)),
        }
    }

    async fn begin_all(&self, waiting: Vec<(Asked, Answer)>) {
        let asked: Vec<&Asked> = waiting.iter().map(|(asked, _)| asked).collect();
        // One that was erased in this moment fails the statement for all.
        let begun = all(&self.pool, &asked).await;
        let mut begun =
            begun.map(|begun| begun.into_iter().map(Some).collect()).unwrap_or_else(|_| Vec::new());
        begun.resize_with(waiting.len(), || None);
        for ((_, answer), begun) in waiting.into_iter().zip(begun) {
            // Whoever does not listen any more was cut off.
            let _ = answer.send(begun);
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<(Asked, Answer)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
