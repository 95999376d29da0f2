-- The index on the moment of the last message was written to with every message, and the other two with it, for a row
-- whose indexed columns change is not updated in its place. The day changes once a day.
drop index conversation_idle;
alter table conversation
    add column active_on date not null generated always as ((updated_at at time zone 'UTC')::date) stored;
create index conversation_idle on conversation (active_on) where archived_at is null;
