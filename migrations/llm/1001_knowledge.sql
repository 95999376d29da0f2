-- What the bots know, cut into passages and indexed for full-text search. A copy of the bots' folders:
-- it can be dropped and is filled again at the next start.
create table document (
    id           bigint generated always as identity primary key,
    bot          text not null,
    kind         text not null check (kind in ('faq', 'knowledge')),
    -- The entry's id in the FAQ, or the file's name without its ending.
    source       text not null,
    -- First part of a BCP 47 tag.
    language     text not null,
    title        text not null,
    -- SHA-256 of everything that is indexed; a document with the same hash is not written again.
    content_hash text not null,
    unique (bot, kind, source, language)
);

create table passage (
    id          bigint generated always as identity primary key,
    document_id bigint not null references document on delete cascade,
    -- From 0, in the order of the document.
    place       int    not null,
    bot         text   not null,
    language    text   not null,
    -- The headings it stands under; for the FAQ, the question.
    heading     text   not null,
    -- Other ways to ask for it; searched, never shown.
    hints       text   not null,
    body        text   not null,
    -- A slash parts words here (`CI/CD`, `React/Vue`) and `ё` is `е`; questions are treated alike.
    words tsvector not null generated always as (
        case language
            when 'ru' then
                setweight(to_tsvector('russian', translate(heading || ' ' || hints, 'ёЁ/', 'еЕ ')), 'A') ||
                setweight(to_tsvector('russian', translate(body, 'ёЁ/', 'еЕ ')), 'B')
            when 'en' then
                setweight(to_tsvector('english', translate(heading || ' ' || hints, 'ёЁ/', 'еЕ ')), 'A') ||
                setweight(to_tsvector('english', translate(body, 'ёЁ/', 'еЕ ')), 'B')
            else
                setweight(to_tsvector('simple', translate(heading || ' ' || hints, 'ёЁ/', 'еЕ ')), 'A') ||
                setweight(to_tsvector('simple', translate(body, 'ёЁ/', 'еЕ ')), 'B')
        end
    ) stored,
    unique (document_id, place)
);
create index passage_words on passage using gin (words);
create index passage_bot on passage (bot, language);
