-- Keys of the organisation's own programs (`POST /v1/chat/completions`). A key is shown once, when it is made: only
-- the SHA-256 of its secret half is kept, which is random and long, so that a slow hash would add nothing.
create table api_key (
    -- The public half; it names the key in ledgers and logs.
    id            text        primary key,
    name          text        not null check (name <> ''),
    hash          bytea       not null check (octet_length(hash) = 32),
    -- The secret before the last rotation, as long as it still opens.
    old_hash      bytea       check (octet_length(old_hash) = 32),
    old_until     timestamptz,
    -- "provider/model", or "provider/*"; none: every model.
    models        text[]      not null default '{}',
    -- Millionths of a US dollar in each period; null: no limit of its own.
    budget_micros bigint      check (budget_micros >= 0),
    budget_period text        not null default 'month' check (budget_period in ('day', 'month')),
    created_at    timestamptz not null,
    expires_at    timestamptz,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    check ((old_hash is null) = (old_until is null))
);

-- Two keys that are in use have two names; that of a revoked one is free.
create unique index api_key_name on api_key (name) where revoked_at is null;
