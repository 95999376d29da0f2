-- What an API key may spend in the window by its own card, as it was last said; null where the card says nothing. So
-- that who settles a call, or shows how much is used, knows the limit as well as who asks.
alter table budget add column card_micros bigint;

-- A call for a question in which another model, or none, had the last word: it has a row of its own, under its own model.
alter table ledger drop constraint ledger_outcome_check;
alter table ledger add constraint ledger_outcome_check
    check (outcome in ('answered', 'unknown', 'failed', 'superseded', 'lost', 'cancelled', 'tried')) not valid;
