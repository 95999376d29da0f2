//! Leads, for an operator at the command line.

use ids::Uuid;
use pg::{PgConnection, PgError};

use crate::store::lead_view;
pub use crate::store::lead_view::KeptLead;

/// Of one bot or of all, of one temperature or of all, the newest first.
///
/// # Errors
/// The database's.
pub async fn newest(
    connection: &mut PgConnection,
    bot: Option<&str>,
    temperature: Option<&str>,
    most: i64,
) -> Result<Vec<KeptLead>, PgError> {
    lead_view::newest(connection, bot, temperature, most).await
}

/// The lead of this id.
///
/// # Errors
/// The database's.
pub async fn find(connection: &mut PgConnection, id: Uuid) -> Result<Option<KeptLead>, PgError> {
    lead_view::find(connection, id).await
}
