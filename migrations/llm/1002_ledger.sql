-- One row per question: how it ended and what it cost. The row is written with the answer's event, so a
-- question that has a row has been answered, and is not answered again. No words of a person stand here.
create table ledger (
    request_id      text        primary key,
    conversation_id text        not null,
    bot             text        not null,
    outcome         text        not null check (outcome in ('answered', 'unknown', 'failed')),
    -- Why there was no answer, or why it is not the provider's: 'deadline', 'quota', 'claim_price', …
    reason          text,
    provider        text        not null,
    model           text        not null,
    -- Which prompt was used, `system@3`; empty where none was.
    prompt          text        not null,
    prompt_tokens     bigint    not null,
    -- Of the prompt's tokens, those the provider had cached.
    cached_tokens     bigint    not null,
    completion_tokens bigint    not null,
    -- False where the provider did not count; the numbers above are 0 then.
    usage_reported  boolean     not null,
    -- Millionths of a US dollar.
    cost_micros     bigint      not null,
    attempts        int         not null,
    -- From the first attempt to the end of the last. Milliseconds.
    took_ms         bigint      not null,
    ended_at        timestamptz not null
);
create index ledger_bot on ledger (bot, ended_at);
