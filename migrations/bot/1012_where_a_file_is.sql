-- Where a file's content is in the storage. It is written to `bot/conversation/id`; a conversation may go on under another
-- id, and the content does not move with it. Null only in rows of programs that do not know this column.
alter table file add column content_key text;
update file set content_key = bot || '/' || conversation_id || '/' || id;

-- A file whose time is over leaves no row behind: one that says nothing of its content still said whose it had been.
delete from file where state = 'erased';
drop index file_expires;
create index file_expires on file (expires_at);
