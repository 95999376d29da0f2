-- Which models a question was sent to, and why. Goes with the ledger's row.
create table route (
    request_id text  primary key references ledger on delete cascade,
    -- 'agent', 'chat', 'assistant'.
    mode       text  not null,
    -- What the question took: 'small', 'medium', 'large'.
    tier       text  not null,
    -- Why: 'sources,short', 'chosen', …
    reason     text  not null,
    -- ["provider/model", "what came of it"], in the order they were asked.
    tried      jsonb not null
);
