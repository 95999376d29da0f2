-- Answers that somebody looks on at while a model writes them, one a question. What is recorded before each call lets
-- every replica know what may be shown next, and the answer itself what it takes the place of. A row goes with its answer;
-- what is left behind by an accident goes within the hour.
create table draft (
    request_id uuid primary key,
    bot text not null,
    chat_id bigint not null,
    conversation_id uuid not null,
    topic bigint,
    is_group boolean not null,
    -- What was shown last: generation and number as the model worker counts them, and the words. Personal data.
    generation bigint not null default 0,
    number bigint not null default 0,
    text text not null default '',
    -- In a group: the message that grows, once Telegram has told its number.
    message_id bigint,
    -- A call is under way until then at the latest.
    calling_until timestamptz,
    -- An error ended it; the answer comes all the same.
    given_up boolean not null default false,
    -- The answer is there, or is not wanted any more: nothing is shown after this.
    ended boolean not null default false,
    opened_at timestamptz not null default now()
) with (fillfactor = 70);
create index draft_chat on draft (bot, chat_id);
create index draft_opened on draft (opened_at);
