-- Briefs for people who take conversations over are delivered as leads are; `lead_id` is then the id of the call for a
-- human.
alter table delivery
    add column kind            text not null default 'lead' check (kind in ('lead', 'handoff')),
    -- Of a handoff: by which it is found when its person is to be erased. Empty of a lead, which is found by itself.
    add column conversation_id text not null default '';
create index delivery_by_conversation on delivery (conversation_id) where conversation_id <> '';

-- Conversations of people who were erased: a brief that was still on its way then is not delivered any more.
create table erased_conversation (
    conversation_id text        primary key,
    at              timestamptz not null default now()
);
