-- What every service needs to take part in the exchange of events (crate bus). It stands in the
-- service's own schema.

-- One row per event that a consumer has handled, written in the transaction of its effects. This, and not
-- the acknowledgement, is what makes an effect happen once.
create table inbox (
    consumer text        not null,
    event_id text        not null,
    seen_at  timestamptz not null default now(),
    primary key (consumer, event_id)
);
-- Rows arrive in the order of time, so the purge of old ones finds them by block.
create index inbox_seen_at on inbox using brin (seen_at);

-- Events that a transaction has decided to publish. The relay publishes and deletes; a row that is here is
-- not yet acknowledged by JetStream.
create table outbox (
    seq        bigint generated always as identity primary key,
    event_id   text        not null,
    subject    text        not null,
    key        text        not null,
    -- The trail: W3C traceparent, the first event of the chain, the event that led to this one.
    trace       text       not null,
    correlation text       not null,
    causation   text,
    -- Unix milliseconds.
    occurred_at bigint     not null,
    payload     bytea      not null,
    created_at timestamptz not null default now()
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- What could not be handled, for a person to look at, replay or discard.
create table dead_letter (
    id         bigint generated always as identity primary key,
    kind       text        not null check (kind in ('event', 'job')),
    -- The consumer or the queue that gave up.
    source     text        not null,
    event_id   text,
    subject    text,
    key        text        not null,
    headers    jsonb       not null,
    payload    bytea       not null,
    error      text        not null,
    attempts   int         not null,
    created_at timestamptz not null default now(),
    -- Set by an operator; whoever gave up takes the row back from here.
    replay_at  timestamptz
);
create unique index dead_letter_event on dead_letter (source, event_id) where kind = 'event';
create index dead_letter_replay on dead_letter (source) where replay_at is not null;
