-- What a conversation has cost is read by its id.
create index ledger_conversation on ledger (conversation_id);
