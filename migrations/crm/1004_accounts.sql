-- Pairs of tokens of accounts whose integration renews them. Sealed with the key of the settings.
create table oauth_grant (
    account    text        primary key,
    access     bytea       not null,
    -- Good for one use.
    refresh    bytea       not null,
    expires_at timestamptz not null,
    renewed_at timestamptz not null default now()
);

-- What of our leads is what in a CRM. One row per lead and account; filled as soon as the CRM has answered, so that a
-- delivery that was cut off goes on where it was.
create table crm_link (
    lead_id         uuid        not null,
    account         text        not null,
    -- Whose later news go to the same deal.
    conversation_id text        not null default '',
    contact         text,
    deal            text,
    -- Put into a deal that was there.
    joined          boolean     not null default false,
    created_at      timestamptz not null default now(),
    primary key (lead_id, account)
);
create index crm_link_by_conversation on crm_link (conversation_id) where conversation_id <> '';
-- What comes back from the CRM names its deal.
create index crm_link_by_deal on crm_link (account, deal) where deal is not null;

-- Which call of a delivery an attempt was: a CRM takes several. Empty of a webhook, which is one.
alter table attempt
    add column step text not null default '',
    drop constraint attempt_outcome_check,
    add constraint attempt_outcome_check check (outcome in (
        'delivered', 'refused', 'unknown', 'not_sent', 'done', 'busy', 'blocked', 'denied', 'rejected', 'failed'));
