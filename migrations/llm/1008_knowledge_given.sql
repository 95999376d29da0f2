-- What is found again by its content: the vector of a text is computed once, in however many versions it stands.
create function text_hash(what text) returns bytea
    language sql immutable strict parallel safe
    as $$ select sha256(convert_to(what, 'UTF8')) $$;
alter table passage add column text_hash bytea
    generated always as (text_hash(heading || E'\n' || body)) stored;
create index passage_text on passage (text_hash);

-- Documents that an administrator gave to a bot, beside those of its folder: they answer in every version of it.
-- Their passages are kept under `<folder>+given`.
create table given_document (
    id            uuid        primary key,
    -- The folder's name.
    bot           text        not null,
    -- 'answer': to questions that nobody could answer, approved by an administrator.
    kind          text        not null check (kind in ('file', 'url', 'answer')),
    -- The address, the file's name, or the question that is answered.
    place         text        not null,
    -- First part of a BCP 47 tag, as the administrator said it; null: told by the document.
    language      text,
    title         text        not null default '',
    -- Passages are there where it is 'ready', and nowhere else.
    state         text        not null check (state in ('waiting', 'ready', 'quarantined', 'failed')),
    -- Why it is in quarantine, or why the last attempt to fetch it failed.
    reason        text,
    -- Markdown: what the passages are cut from.
    body          text,
    content_hash  text,
    -- The content that an administrator has released from quarantine.
    released_hash text,
    etag          text,
    last_modified text,
    passages      int         not null default 0,
    added_at      timestamptz not null,
    -- When it was last looked at where it comes from.
    checked_at    timestamptz,
    unique (bot, kind, place)
);
alter table document add column given_id uuid references given_document on delete cascade;
create index document_given on document (given_id) where given_id is not null;

-- Questions that nobody could answer, masked, gathered by what they ask.
create table gap (
    id            uuid        primary key,
    bot           text        not null,
    state         text        not null check (state in ('open', 'approved', 'dismissed')),
    draft         text,
    -- Why there is no draft.
    draft_problem text,
    given_id      uuid        references given_document on delete set null,
    opened_at     timestamptz not null,
    closed_at     timestamptz
);
create index gap_bot on gap (bot, state);
create table gap_question (
    request_id      text        primary key,
    conversation_id text        not null,
    bot             text        not null,
    language        text        not null,
    question        text        not null,
    -- As in the ledger.
    reason          text,
    asked_at        timestamptz not null,
    gap_id          uuid        references gap on delete set null,
    question_hash   bytea       generated always as (text_hash(question)) stored
);
create index gap_question_gap on gap_question (gap_id);
create index gap_question_conversation on gap_question (conversation_id);
create index gap_question_asked on gap_question (asked_at);
