-- A message is only ever looked for in its conversation, which message_of_conversation serves. Two indexes were
-- written to for each message; one does. Nothing is built here, so nobody waits.
alter table message drop constraint message_pkey;
