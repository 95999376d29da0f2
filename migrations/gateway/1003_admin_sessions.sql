-- People who have signed in to the admin pages.
create table admin_session (
    -- SHA-256 over what stands in the cookie and the admin token: what is kept here opens nothing, and a new token ends every
    -- session.
    hash       bytea       primary key check (octet_length(hash) = 32),
    -- As they have named themselves; it stands beside what they publish.
    name       text        not null,
    expires_at timestamptz not null
);
create index admin_session_by_end on admin_session (expires_at);

-- How fast somebody may try to sign in, for all replicas together: a bucket that is empty again at `empty_at`.
create table sign_in_rate (
    -- 'all', or of one address its SHA-256.
    key      text        primary key,
    empty_at timestamptz not null
);
