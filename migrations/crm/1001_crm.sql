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

-- Every attempt, written before the call and completed after it: a row without an end was cut off.
create table attempt (
    delivery_id text        not null references delivery (id) on delete cascade,
    n           int         not null,
    started_at  timestamptz not null default now(),
    took_ms     bigint,
    -- HTTP status; null where no answer came.
    status      int,
    -- The answer's first bytes, or what went wrong.
    note        text,
    primary key (delivery_id, n)
);

-- Endpoints that answered 410: nothing is sent there until an operator takes the row away.
create table gone_endpoint (
    endpoint text        primary key,
    url_hash text        not null,
    at       timestamptz not null default now()
);
