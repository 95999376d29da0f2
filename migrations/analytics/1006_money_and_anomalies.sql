-- A budget that has reached a share of what it may be.
create table budget_reached (
    event_id        text        primary key,
    scope           text        not null,
    -- The API key's id; empty for a person, of whom nothing is kept here, and for all together.
    scope_id        text        not null,
    period          text        not null,
    percent         integer     not null,
    calls           bigint      not null,
    -- Millionths of a US dollar.
    spent_micros    bigint      not null,
    at              timestamptz not null
);
create index budget_reached_at on budget_reached (at);

-- An answer that somebody may want to look at.
create table anomaly (
    event_id        text        primary key,
    -- As the ledger has it; of a program it may be any text.
    request_id      text        not null,
    bot             text        not null,
    kind            text        not null,
    -- Milliseconds, tokens, or thousandths of confidence.
    value           bigint      not null,
    provider        text        not null,
    model           text        not null,
    prompt          text        not null,
    at              timestamptz not null
);
create index anomaly_at on anomaly (at);
