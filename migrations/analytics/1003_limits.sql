create table limit_change (
    event_id        text        primary key,
    conversation_id uuid        not null,
    bot             text        not null,
    change          text        not null,
    why             text        not null,
    at              timestamptz not null
);
create index limit_change_at on limit_change (at);
