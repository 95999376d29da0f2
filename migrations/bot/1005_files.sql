-- Files that people send. A file's content is in the storage under `bot/conversation/id`, and only there once it is
-- clean. Whoever writes here holds the lock of the conversation.
create table file (
    id              uuid        primary key,
    bot             text        not null,
    chat_id         bigint      not null,
    conversation_id uuid        not null,
    -- Telegram's: the same for the same file, and what it is fetched with.
    unique_id       text        not null,
    file_id         text        not null,
    -- "document", "photo", …
    kind            text        not null,
    -- Personal data: the name (safe to show; of a clean file safe to use) and what was written with it.
    name            text        not null,
    caption         text        not null,
    -- As Telegram said, then as it was.
    size_bytes      bigint,
    -- By its content; empty until that is known.
    media_type      text        not null default '',
    limit_bytes     bigint      not null,
    limit_per_day   int         not null,
    state           text        not null default 'received'
                    check (state in ('received', 'clean', 'refused', 'infected', 'failed', 'erased')),
    -- Why it was refused: "too_large", "wrong_type", "too_many"; of an infected one what was found.
    why             text        not null default '',
    -- To look it through takes so long that the person is told so.
    late            boolean     not null default false,
    lead_id         uuid,
    received_at     timestamptz not null,
    -- The order in which they came, also of those that came in the same moment.
    place           bigint      generated always as identity,
    -- The person has been told that it is late, and what became of it.
    late_told_at    timestamptz,
    told_at         timestamptz,
    -- When it is erased: content, names, everything that says who sent what.
    expires_at      timestamptz not null,
    -- A file that comes again is the same file.
    unique (conversation_id, unique_id)
);
create index file_untold on file (conversation_id) where told_at is null;
create index file_expires on file (expires_at) where state <> 'erased';
