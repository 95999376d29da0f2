-- An erasure counts the facts of one conversation.
create index flow_moved_conversation on flow_moved (conversation_id);
create index handoff_conversation on handoff (conversation_id);
create index model_request_conversation on model_request (conversation_id);
create index model_answer_conversation on model_answer (conversation_id);
create index file_checked_conversation on file_checked (conversation_id);
create index limit_change_conversation on limit_change (conversation_id);
