//! What of our leads is what in a CRM.

use std::collections::HashSet;

use events::Trail;
use ids::Uuid;
use pg::{PgConnection, PgError, Pool};
use serde_json::json;
use sqlx::Row;

use super::{deal, deal_owner, job};

/// As far as it has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    pub(crate) contact: Option<String>,
    pub(crate) deal: Option<String>,
    /// The deal was there before.
    pub(crate) joined: bool,
}

/// The key of the jobs that bring a conversation's leads and news to an account: one at a time and in their order, so that
/// two leads of one person do not make them twice.
pub(crate) fn job_key(account: &str, conversation_id: &str, lead: Uuid) -> String {
    if conversation_id.is_empty() {
        return format!("{account} {lead}");
    }
    format!("{account} {conversation_id}")
}

/// The key under which news of a lead that is not here yet wait for it, in their order. Nobody's but theirs: the lead must not
/// stand behind them.
pub(crate) fn wait_key(account: &str, lead: Uuid) -> String {
    format!("{account} news of {lead}")
}

/// A lead that begins its way to an account.
pub(crate) struct Begun {
    pub(crate) lead_id: Uuid,
    pub(crate) account: String,
    pub(crate) conversation_id: String,
    pub(crate) bot: String,
}

/// Leads begin their ways.
pub(crate) async fn begin(tx: &mut PgConnection, leads: &[Begun]) -> Result<(), PgError> {
    let column = |of: fn(&Begun) -> &str| leads.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "insert into crm_link (lead_id, account, conversation_id, bot)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) on conflict do nothing",
    )
    .bind(leads.iter().map(|one| one.lead_id).collect::<Vec<_>>())
    .bind(column(|one| &one.account))
    .bind(column(|one| &one.conversation_id))
    .bind(column(|one| &one.bot))
    .execute(tx)
    .await?;
    Ok(())
}

pub(crate) async fn of(pool: &Pool, lead: Uuid, account: &str) -> Result<Option<Link>, PgError> {
    let row = sqlx::query("select contact, deal, joined from crm_link where lead_id = $1 and account = $2")
        .bind(lead)
        .bind(account)
        .fetch_optional(pool)
        .await?;
    row.map(|row| {
        Ok(Link {
            contact: row.try_get("contact")?,
            deal: row.try_get("deal")?,
            joined: row.try_get("joined")?,
        })
    })
    .transpose()
}

/// Who the person of this lead became at the account by another lead of the same conversation.
pub(crate) async fn contact_before(
    pool: &Pool,
    lead: Uuid,
    account: &str,
) -> Result<Option<String>, PgError> {
    Ok(sqlx::query_scalar(
        "select o.contact from crm_link l
         join crm_link o on o.conversation_id = l.conversation_id and o.account = l.account and o.lead_id <> l.lead_id
         where l.lead_id = $1 and l.account = $2 and l.conversation_id <> '' and o.contact is not null
         order by o.created_at desc, o.lead_id desc limit 1",
    )
    .bind(lead)
    .bind(account)
    .fetch_optional(pool)
    .await?)
}

/// Keeps how far it has come. Of an erased lead there is nothing to keep it with. Where it has come to another deal, what was
/// kept of the one before follows.
pub(crate) async fn keep(
    pool: &Pool,
    lead: Uuid,
    account: &str,
    link: &Link,
    trail: &Trail,
) -> Result<(), PgError> {
    let mut tx = pool.begin().await?;
    let kept = sqlx::query(
        "update crm_link set contact = $3, deal = $4, joined = $5 where lead_id = $1 and account = $2",
    )
    .bind(lead)
    .bind(account)
    .bind(&link.contact)
    .bind(&link.deal)
    .bind(link.joined)
    .execute(&mut *tx)
    .await?;
    if let Some(deal) = link.deal.as_deref().filter(|_| kept.rows_affected() > 0) {
        for deal in deal_owner::came_to(&mut tx, lead, account, deal).await? {
            let payload = json!({ "account": account, "deal": deal });
            job::put(&mut tx, ("crm.read", &deal::job_key(account, &deal)), &payload, trail).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The last lead of each of these conversations on its way to, or at, an account: (conversation, lead, account).
pub(crate) async fn last_of(
    tx: &mut PgConnection,
    conversations: &[&str],
) -> Result<Vec<(String, Uuid, String)>, PgError> {
    Ok(sqlx::query_as(
        "select distinct on (conversation_id, account) conversation_id, lead_id, account from crm_link
         where conversation_id = any($1) and conversation_id <> ''
         order by conversation_id, account, created_at desc, lead_id desc",
    )
    .bind(conversations)
    .fetch_all(tx)
    .await?)
}

/// Where these leads are on their way to, or at: (lead, account, conversation).
pub(crate) async fn at(
    tx: &mut PgConnection,
    leads: &[Uuid],
) -> Result<Vec<(Uuid, String, String)>, PgError> {
    let sql = "select lead_id, account, conversation_id from crm_link where lead_id = any($1)";
    Ok(sqlx::query_as(sql).bind(leads).fetch_all(tx).await?)
}

/// The keys under which news of these leads still wait for them. Whoever comes later has to stand behind: those go on in
/// their order, and a job that has gone on stands where it goes.
pub(crate) async fn waited_for(tx: &mut PgConnection, leads: &[Uuid]) -> Result<HashSet<String>, PgError> {
    let keys: Vec<String> = sqlx::query_scalar(
        "select distinct j.key from delivery d
         join job j on j.queue = 'crm.deal' and j.key = d.endpoint || ' news of ' || d.lead_id
         where d.lead_id = any($1) and d.kind = 'later' and d.state <> 'delivered'",
    )
    .bind(leads)
    .fetch_all(tx)
    .await?;
    Ok(keys.into_iter().collect())
}

/// The conversation and the lead that a brief, or what is later, is about, where that lead is on its way to, or at, the
/// account: of a brief the last one of its conversation.
pub(crate) async fn of_news(
    pool: &Pool,
    delivery: &str,
    account: &str,
) -> Result<Option<(String, Uuid)>, PgError> {
    Ok(sqlx::query_as(
        "select l.conversation_id, l.lead_id from delivery d
         join crm_link l on l.account = $2 and case d.kind
             when 'later' then l.lead_id = d.lead_id
             else l.conversation_id = d.conversation_id and l.conversation_id <> '' end
         where d.id = $1
         order by l.created_at desc, l.lead_id desc limit 1",
    )
    .bind(delivery)
    .bind(account)
    .fetch_optional(pool)
    .await?)
}

/// Whether this is later than a lead of which nothing has come here: not that it went anywhere, nor that it was to.
pub(crate) async fn may_come(pool: &Pool, delivery: &str) -> Result<bool, PgError> {
    let may_come: Option<bool> = sqlx::query_scalar(
        "select d.kind = 'later'
                and not exists (select from delivery o where o.lead_id = d.lead_id and o.kind = 'lead')
                and not exists (select from crm_link l where l.lead_id = d.lead_id)
         from delivery d where d.id = $1",
    )
    .bind(delivery)
    .fetch_optional(pool)
    .await?;
    Ok(may_come.unwrap_or(false))
}
