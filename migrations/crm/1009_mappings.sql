-- Mappings that were published from the admin pages: what of a lead goes where in an account's deal. The newest of an account
-- is in force; while it has none, the mapping of the settings file, which is version 0.
create table mapping (
    account      text        not null,
    -- Counted for each account from 1.
    version      int         not null check (version > 0),
    mapping      jsonb       not null,
    published_at timestamptz not null default now(),
    -- Who, as they have named themselves when they signed in.
    published_by text        not null,
    -- The version that was published again with this one; 0: the settings file's. Null: a new one.
    again        int         check (again >= 0),
    -- Whoever publishes what somebody has published in between does not get it twice.
    primary key (account, version)
);

-- A version stays as it was published: the deals that were made by it can be explained.
create function keep_mapping() returns trigger language plpgsql as $$
begin
    raise exception 'a published mapping is not changed; publish another version';
end $$;
create trigger mapping_is_kept before update or delete on mapping for each row execute function keep_mapping();
