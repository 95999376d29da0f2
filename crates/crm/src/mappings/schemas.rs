//! What accounts have, as it was looked up a moment ago: a page that is filled in and sent back a few times must not take the
//! calls of leads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::accounts::Account;
use crate::desk::told;
use crate::domain::schema::Schema;

/// So old what is shown may be.
const FRESH: Duration = Duration::from_secs(30);
/// After so long an account that did not answer is asked again.
const AWAY: Duration = Duration::from_secs(5);
/// Whoever waits for a page does not wait longer.
const PATIENCE: Duration = Duration::from_secs(12);

type Answer = Result<Arc<Schema>, String>;

/// Of each account what it has answered last, and when.
#[derive(Default)]
pub(crate) struct Schemas(Mutex<HashMap<String, (Instant, Answer)>>);

impl Schemas {
    /// What an account has; the error is for people.
    pub(crate) async fn of(&self, account: &Account) -> Answer {
        let kept = self.kept().get(&account.name).cloned();
        match kept {
            Some((at, answer)) if at.elapsed() < if answer.is_ok() { FRESH } else { AWAY } => answer,
            _ => self.now(account).await,
        }
    }

    /// What it has now.
    pub(crate) async fn now(&self, account: &Account) -> Answer {
        let answer = match tokio::time::timeout(PATIENCE, account.adapter.schema()).await {
            Ok(Ok(schema)) => Ok(Arc::new(schema)),
            Ok(Err(trouble)) => Err(told(account, &trouble)),
            Err(_) => Err(format!("{} has not answered within {} s", account.name, PATIENCE.as_secs())),
        };
        self.kept().insert(account.name.clone(), (Instant::now(), answer.clone()));
        answer
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, Answer)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
