-- A person's rights, and what is kept for how long.

-- Set when nothing has happened for a long time: what was said stands in message_archive then. Whatever
-- happens next opens it again.
alter table conversation add column archived_at timestamptz;
create index conversation_idle on conversation (updated_at) where archived_at is null;

-- Rows arrive in the order of time, so those that are too old are found by block.
create index message_at on message using brin (at);

-- What was said in conversations that are archived. It is shown to nobody but the person it belongs to.
create table message_archive (
    id              bigint      not null,
    conversation_id uuid        not null,
    at              timestamptz not null,
    from_person     boolean     not null,
    kind            text        not null,
    -- Personal data.
    text            text        not null,
    message_id      bigint      not null,
    ignored_why     text,
    intent          text,
    confidence      real
);
create index message_archive_of_conversation on message_archive (conversation_id, id);
create index message_archive_at on message_archive using brin (at);

create index lead_of_conversation on lead (conversation_id);

-- An archive that a person has asked for, until it is sent.
create table data_export (
    id              uuid        primary key,
    bot             text        not null,
    -- Personal data.
    chat_id         bigint      not null,
    conversation_id uuid        not null,
    language        text        not null,
    asked_at        timestamptz not null default now()
);

-- What the other services hold, by their word.
create table data_export_answer (
    export_id uuid  not null references data_export (id) on delete cascade,
    service   text  not null,
    holdings  jsonb not null,
    primary key (export_id, service)
);

-- A person's wish to be forgotten. 'waiting': in the days of grace; 'running': every service is asked.
create table erasure (
    id              uuid        primary key,
    bot             text        not null,
    -- Personal data; null once it is done.
    chat_id         bigint,
    conversation_id uuid        not null,
    language        text        not null,
    state           text        not null check (state in ('waiting', 'cancelled', 'running', 'done')),
    requested_at    timestamptz not null,
    due_at          timestamptz not null,
    cancelled_at    timestamptz,
    started_at      timestamptz,
    -- What the services are asked for beside the conversation.
    lead_ids        uuid[]      not null default '{}',
    -- When they were asked last, and how often.
    asked_at        timestamptz,
    asked           int         not null default 0,
    -- When the last of them had answered.
    answered_at     timestamptz,
    finished_at     timestamptz,
    -- What each did. No personal data.
    certificate     jsonb,
    -- SHA-256 of the certificate as it was sent.
    certificate_sha256 text,
    check ((chat_id is null) = (state in ('done', 'cancelled')))
);
-- Who comes back while theirs runs may wish it once more.
create unique index erasure_open on erasure (bot, chat_id) where state = 'waiting';
create index erasure_due on erasure (due_at) where state = 'waiting';

create table erasure_answer (
    erasure_id  uuid        not null references erasure (id) on delete cascade,
    service     text        not null,
    -- What it erased, and what it keeps and why.
    report      jsonb       not null,
    answered_at timestamptz not null,
    primary key (erasure_id, service)
);
