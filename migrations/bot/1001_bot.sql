-- One row per chat with one bot. It is locked by whatever speaks for the conversation, so its events and jobs
-- are written in the order of its commits.
create table conversation (
    bot         text        not null,
    chat_id     bigint      not null,
    id          uuid        not null unique,
    -- "private", "group", "supergroup" or "channel".
    chat_kind   text        not null,
    -- The language it is held in; empty until the first message.
    language    text        not null,
    -- What the engine remembers (domain/state.rs).
    state       json        not null,
    -- Set when the person has blocked the bot or left.
    closed_why  text,
    started_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    primary key (bot, chat_id)
) with (fillfactor = 70);

-- What was said, by either side, in its order.
create table message (
    id              bigint generated always as identity primary key,
    conversation_id uuid        not null,
    at              timestamptz not null,
    from_person     boolean     not null,
    -- What it is ("text", "button", "photo", …), or what answered ("flow", "faq", "model", …).
    kind            text        not null,
    -- Personal data. Empty for what has no words.
    text            text        not null,
    -- Telegram's number of the message in its chat; 0 where unknown.
    message_id      bigint      not null,
    -- Why it was not answered, where it was not.
    ignored_why     text
);
create index message_of_conversation on message (conversation_id, id);

create table lead (
    id              uuid        primary key,
    conversation_id uuid        not null,
    bot             text        not null,
    flow            text        not null,
    language        text        not null,
    temperature     text        not null check (temperature in ('hot', 'warm', 'cold')),
    score           int         not null,
    evidence        jsonb       not null,
    -- Personal data.
    answers         jsonb       not null,
    contact         jsonb       not null,
    start_payload   text        not null default '',
    captured_at     timestamptz not null
);
create index lead_captured_at on lead (captured_at);
