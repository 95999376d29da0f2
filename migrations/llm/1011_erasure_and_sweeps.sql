-- What is looked for when a person is erased, and by what sweeps now and then.
create index ledger_person on ledger (person) where person <> '';
create index reservation_person on reservation (person) where person <> '';
create index budget_ends on budget (ends_at);
create index gap_question_hash on gap_question (question_hash);
