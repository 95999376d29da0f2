-- Files that people sent, each time one had been looked through.
create table file_checked (
    event_id        text        primary key,
    file_id         uuid        not null,
    conversation_id uuid        not null,
    bot             text        not null,
    -- "kept", "too_large", "wrong_type", "infected", "too_many" or "failed".
    outcome         text        not null,
    -- Empty where it was not kept.
    media_type      text        not null,
    -- 0 where unknown.
    size_bytes      bigint      not null,
    at              timestamptz not null
);
create index file_checked_at on file_checked (at);
