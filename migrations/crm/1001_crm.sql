-- One row per lead and endpoint it is to reach.
create table delivery (
    -- The webhook's id, the same over all attempts: what the receiver knows a repetition by.
    id         text        primary key,
    lead_id    uuid        not null,
    endpoint   text        not null,
    -- The body as it is signed and sent. Personal data.
    body       text        not null,
    state      text        not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
    created_at timestamptz not null default now(),
    ended_at   timestamptz,
    unique (lead_id, endpoint)
);
-- What a person asks for first: what did not arrive.
create index delivery_not_delivered on delivery (created_at) where state <> 'delivered';

-- Every attempt, written before the call and completed after it.
create table attempt (
    delivery_id text        not null references delivery (id) on delete cascade,
    n           int         not null,
    started_at  timestamptz not null default now(),
    -- 'unknown': it went out and no answer came. Null: it was cut off, which is as unknown.
    outcome     text        check (outcome in ('delivered', 'refused', 'unknown', 'not_sent')),
    took_ms     bigint,
    -- HTTP status; null where no answer came.
    status      int,
    -- The answer's first bytes (personal data where an endpoint repeats what it was sent), or what went wrong.
    note        text,
    primary key (delivery_id, n)
);

-- Endpoints that answered 410: nothing is sent there until the configuration gives them another address.
create table gone_endpoint (
    endpoint text        primary key,
    -- Of the address that is gone; the address itself may hold a secret.
    url_hash text        not null,
    at       timestamptz not null default now()
);
