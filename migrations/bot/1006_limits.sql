-- What was done about people who wrote too much, or like spam, each step once. How a person is treated now stands in
-- the state of their conversation; this is how it came to that.
create table limit_step (
    id              bigint generated always as identity primary key,
    bot             text        not null,
    chat_id         bigint      not null,
    -- Telegram's id of the person; 0 for a whole group.
    person          bigint      not null,
    conversation_id uuid        not null,
    at              timestamptz not null,
    -- "warned", "challenged", "passed", "paused", "banned", "appealed", "lifted", or of a group "marked".
    change          text        not null,
    -- "hour_limit", "day_limit", "flood", "repeated", "symbols", "keyword", "wrong_answer", "joins".
    why             text        not null,
    -- When it ends by itself; null: at once, or never.
    until_at        timestamptz
);
-- The last step of each person is asked for, and all steps of one.
create index limit_step_of_person on limit_step (bot, chat_id, person, id desc);
-- What is held of a person: of their conversation, and of groups they are in.
create index limit_step_of_conversation on limit_step (conversation_id);
create index limit_step_in_groups on limit_step (bot, person);
