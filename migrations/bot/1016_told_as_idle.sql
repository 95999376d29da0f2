-- Whoever has a lead of the conversation was told that nothing happens in it any more, and the person has written nothing
-- since: it is not told once more.
alter table conversation add column told_idle boolean not null default false;
update conversation set told_idle = true where archived_at is not null;
