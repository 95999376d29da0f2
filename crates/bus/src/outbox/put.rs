use events::Envelope;
use pg::{AfterCommit, PgConnection, PgError};

use super::Outbox;

impl Outbox {
    /// Writes events into the outbox, in the caller's transaction. The caller has locked the row of the
    /// aggregate that the events tell of, so that per key the order of the outbox is the order of the commits.
    pub async fn put(&self, tx: &mut PgConnection, envelopes: &[Envelope]) -> Result<AfterCommit, PgError> {
        if envelopes.is_empty() {
            return Ok(AfterCommit::nothing());
        }
        let column = |of: fn(&Envelope) -> &str| envelopes.iter().map(of).collect::<Vec<_>>();
        let traces: Vec<String> = envelopes.iter().map(|e| e.trail.trace.to_string()).collect();
        let causations: Vec<Option<&str>> =
            envelopes.iter().map(|e| e.trail.causation.as_ref().map(|id| id.0.as_str())).collect();
        let payloads: Vec<&[u8]> = envelopes.iter().map(|e| e.payload.as_slice()).collect();
        let occurred: Vec<i64> = envelopes.iter().map(|e| e.occurred_at_ms).collect();
        sqlx::query(
            "insert into outbox (event_id, subject, key, trace, correlation, causation, occurred_at, payload)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                              $7::bigint[], $8::bytea[])",
        )
        .bind(column(|e| &e.id.0))
        .bind(column(|e| e.subject.as_str()))
        .bind(column(|e| e.key.as_str()))
        .bind(&traces)
        .bind(column(|e| &e.trail.correlation.0))
        .bind(&causations)
        .bind(&occurred)
        .bind(&payloads)
        .execute(tx)
        .await?;
        Ok(AfterCommit::wake(&self.written))
    }
}
