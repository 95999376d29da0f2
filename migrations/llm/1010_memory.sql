-- What is remembered of a conversation for the next question. It goes with the person, and when nobody has written
-- for long.
create table memory (
    conversation_id text        primary key,
    used_at         timestamptz not null default now(),
    -- What was said before the turns that are shown; what says who the person is stands in it as masks. Empty:
    -- there is none yet.
    summary         text        not null default '',
    -- Counts the summaries, so that one made late does not take the place of a newer one.
    version         int         not null default 0,
    -- A hash of the last turn that it covers, and of the two before.
    mark            text        not null default ''
);
create index memory_used on memory (used_at);

-- What masks stand for, `<PHONE_1>`. Personal data: it is here so that a number is the same mask in every call of its
-- conversation, and so that a mask in a summary can be read when the turn it comes from is no longer sent along.
create table mask (
    conversation_id text not null references memory on delete cascade,
    kind            text not null,
    number          int  not null,
    value           text not null,
    primary key (conversation_id, kind, number)
);
