-- Every version of a bot's folder that was served from a folder or published. A version never changes: running
-- conversations go on with the one they began with.
create table bot_version (
    -- The bot's folder, by its name.
    folder     text        not null,
    -- SHA-256 over the names and bytes of its files, in hexadecimal.
    hash       text        not null,
    -- From 1, in the order they became known.
    number     int         not null,
    -- A file's name relative to the folder, and its text.
    files      json        not null,
    known_at   timestamptz not null,
    primary key (folder, hash),
    unique (folder, number)
);

create function refuse_change_of_version() returns trigger language plpgsql as
$$begin raise exception 'a version of a bot is never changed; publish another one'; end$$;
create trigger bot_version_never_changes before update on bot_version
    for each row execute function refuse_change_of_version();

-- Who made which version the one that is served, and when; the newest row of a folder counts. Without a row, or
-- with one that names no version, the folder on the machine of the service is served.
create table bot_publication (
    id      bigint generated always as identity primary key,
    folder  text        not null,
    hash    text,
    action  text        not null check (action in ('publish', 'rollback', 'follow')),
    by_whom text        not null,
    note    text        not null,
    at      timestamptz not null,
    foreign key (folder, hash) references bot_version (folder, hash)
);
create index bot_publication_folder on bot_publication (folder, id);
