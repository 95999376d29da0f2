//! What an answer takes the place of: the parts of it that were shown while it was written.

use std::time::Duration;

use classify::Failure;
use ids::RequestId;
use jobs::JobError;
use pg::{PgError, Pool};

use super::send::SendMessage;
use crate::conversation::Send;
use crate::store::draft::{self, Shown};

/// Between two looks whether a call has ended.
const LOOK: Duration = Duration::from_millis(25);

impl SendMessage {
    /// What was shown of this answer before; nothing where nobody looked on.
    pub(super) async fn shown_before(&self, send: &Send) -> Result<Shown, JobError> {
        let Some(request) = send.draft else { return Ok(Shown::default()) };
        settled(&self.pool, request).await
    }
}

/// What was shown of an answer that has ended, once no call is under way that shows it: what such a call does must come
/// before the answer. It is waited for as long as a call may take, and no longer.
pub(super) async fn settled(pool: &Pool, request: RequestId) -> Result<Shown, JobError> {
    loop {
        let found = async {
            let mut connection = pool.acquire().await.map_err(PgError::from)?;
            draft::find(&mut connection, request).await
        };
        let found = pg::in_time(found).await.map_err(|error| JobError::from(Failure::from(error)))?;
        match found {
            Some(shown) if shown.is_calling => tokio::time::sleep(LOOK).await,
            found => return Ok(found.unwrap_or_default()),
        }
    }
}
