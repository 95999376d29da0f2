-- What answers may cost. Every call of a model is reserved here before it is made and settled after, so that any
-- number of workers together never spend more than they may.

-- What the running window of a scope has seen: 'all', 'key:<api key>', 'person:<pseudonym>', 'session:<conversation>'.
-- A row begins anew when its window has ended. Whoever writes locks the row 'all' first, so nobody deadlocks.
create table budget (
    scope        text        not null,
    period       text        not null check (period in ('day', 'month', 'session')),
    since        timestamptz not null,
    ends_at      timestamptz not null,
    calls        bigint      not null default 0,
    -- Millionths of a US dollar: reserved for calls under way, and spent by those that ended.
    held_micros  bigint      not null default 0,
    spent_micros bigint      not null default 0,
    -- The highest share of it, in percent, that was published: 0, 80 or 100.
    told         smallint    not null default 0,
    primary key (scope, period)
) with (fillfactor = 40);

-- A worker that holds reservations says here that it lives, by this server's clock.
create table worker (
    id          uuid        primary key,
    lives_until timestamptz not null
) with (fillfactor = 40);

-- Calls under way; a row goes when its call is settled.
create table reservation (
    id              uuid          primary key,
    request_id      text          not null,
    worker          uuid          not null,
    held_micros     bigint        not null,
    -- 1 if it counts as a call, 0 for a question that was counted before.
    calls           bigint        not null,
    -- Which windows it was reserved in; `scopes`, `periods` and `sinces` belong together.
    scopes          text[]        not null,
    periods         text[]        not null,
    sinces          timestamptz[] not null,
    conversation_id text          not null,
    bot             text          not null,
    person          text          not null,
    api_key         text          not null,
    model           text          not null,
    mode            text          not null,
    at              timestamptz   not null default now()
);
create index reservation_request on reservation (request_id);
create index reservation_worker on reservation (worker);
create index reservation_conversation on reservation (conversation_id);

-- Who a pseudonym is. It goes with the person, and then nobody can say whose the ledger's rows were.
create table person (
    bot       text   not null,
    chat_id   bigint not null,
    pseudonym text   not null unique,
    -- A tier of the settings; empty for everybody's.
    tier      text   not null default '',
    primary key (bot, chat_id)
);

-- The lead that a conversation has left, for the ledger.
create table conversation_lead (
    conversation_id text primary key,
    lead_id         text not null
);

alter table ledger
    add column person         text   not null default '',
    add column lead_id        text   not null default '',
    add column api_key        text   not null default '',
    add column mode           text   not null default '',
    add column first_token_ms bigint,
    -- 0 to 1.
    add column confidence     real,
    add column finish_reason  text   not null default '',
    -- For a call that has no answer of its own ('lost', 'cancelled'): the question it was made for. The row's own id
    -- is then `call:<reservation>`.
    add column of_request     text;
alter table ledger drop constraint ledger_outcome_check;
alter table ledger add constraint ledger_outcome_check
    check (outcome in ('answered', 'unknown', 'failed', 'superseded', 'lost', 'cancelled')) not valid;
create index ledger_ended on ledger (ended_at);
create index ledger_of_request on ledger (of_request) where of_request is not null;

-- Masked words of a few questions and answers, where the settings ask for them.
create table sample (
    request_id      text        primary key,
    conversation_id text        not null,
    asked           text        not null,
    answered        text        not null,
    at              timestamptz not null
);
create index sample_conversation on sample (conversation_id);
create index sample_at on sample (at);
