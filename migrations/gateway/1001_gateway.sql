-- What the gateway knows of each bot's connection to Telegram; for people to look at.
create table bot_link (
    bot        text        primary key,
    -- "poll" or "webhook".
    mode       text        not null check (mode in ('poll', 'webhook')),
    -- What went wrong last, empty when all is well.
    trouble    text        not null default '',
    updated_at timestamptz not null default now()
);
