-- Conversations that were erased. An answer that was under way then is not given any more. Only the id of a
-- conversation that is nowhere else; it may go after a day.
create table erased_conversation (
    conversation_id text        primary key,
    at              timestamptz not null default now()
);
