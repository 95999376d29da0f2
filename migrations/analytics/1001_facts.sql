-- What happened, as numbers. No personal data: conversations are named by id.

-- Updates that arrived, counted by the minute: only their number is ever asked for.
create table update_count (
    bot    text        not null,
    kind   text        not null,
    minute timestamptz not null,
    n      bigint      not null,
    primary key (bot, kind, minute)
) with (fillfactor = 50);
create index update_count_minute on update_count (minute);

create table conversation_started (
    conversation_id uuid        primary key,
    bot             text        not null,
    chat_kind       text        not null,
    language        text        not null,
    start_payload   text        not null,
    at              timestamptz not null
);
create index conversation_started_at on conversation_started (at);

-- One row per message that went out, or was given up.
create table send (
    conversation_id uuid        not null,
    bot             text        not null,
    -- What answered: "flow", "faq", "model", …
    source          text        not null,
    -- "sent" or "failed".
    outcome         text        not null,
    -- Null where nothing was asked.
    received_at     timestamptz,
    sent_at         timestamptz not null
);
-- They come in the order of time.
create index send_sent_at on send using brin (sent_at) with (pages_per_range = 16);

create table flow_moved (
    event_id        text        primary key,
    conversation_id uuid        not null,
    bot             text        not null,
    flow            text        not null,
    movement        text        not null,
    at              timestamptz not null
);
create index flow_moved_at on flow_moved (at);

create table handoff (
    event_id        text        primary key,
    conversation_id uuid        not null,
    bot             text        not null,
    reason          text        not null,
    at              timestamptz not null
);
create index handoff_at on handoff (at);

create table lead (
    lead_id         uuid        primary key,
    conversation_id uuid        not null,
    bot             text        not null,
    temperature     text        not null,
    score           int         not null,
    at              timestamptz not null
);
create index lead_at on lead (at);
create index lead_conversation on lead (conversation_id);

create table model_request (
    request_id      uuid        primary key,
    conversation_id uuid        not null,
    bot             text        not null,
    at              timestamptz not null
);
create index model_request_at on model_request (at);

create table model_answer (
    request_id        uuid        primary key,
    conversation_id   uuid        not null,
    bot               text        not null,
    outcome           text        not null check (outcome in ('answered', 'unknown', 'failed')),
    provider          text        not null,
    model             text        not null,
    prompt_tokens     bigint      not null,
    completion_tokens bigint      not null,
    -- Millionths of a US dollar.
    cost_micros       bigint      not null,
    took_ms           bigint      not null,
    at                timestamptz not null
);
create index model_answer_at on model_answer (at);

-- What became of a lead at an endpoint, so far: one that failed may be replayed and arrive after all.
create table delivery (
    lead_id  uuid        not null,
    endpoint text        not null,
    outcome  text        not null,
    attempts int         not null,
    at       timestamptz not null,
    primary key (lead_id, endpoint)
);
create index delivery_at on delivery (at);
