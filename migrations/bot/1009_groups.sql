-- A group that became a supergroup goes on under another number. What was on its way to the old one (a model's answer,
-- a job, an update) finds the conversation by this.
create table chat_moved (
    bot        text        not null,
    chat_id    bigint      not null,
    to_chat_id bigint      not null,
    moved_at   timestamptz not null default now(),
    primary key (bot, chat_id)
);

-- The forum topic that a file came in, where it is told what became of it; null outside topics.
alter table file add column topic bigint;
