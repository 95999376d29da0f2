-- How an endpoint fares at its address, for all replicas. No row: it was never in trouble.
create table endpoint_health (
    endpoint      text        primary key,
    -- Of the address; the address itself may hold a secret. At another one all begins anew.
    url_hash      text        not null,
    -- When the first of the attempts failed that all have failed since. Null: the last one worked.
    failing_since timestamptz,
    -- What came of the last attempt that failed.
    last_error    text        not null,
    last_error_at timestamptz not null,
    -- From then on it is not called, and what is on its way there is given up. By the clock of the database, as jobs have it:
    -- a job that is younger was driven again by somebody who knows better.
    disabled_at   timestamptz,
    -- 'gone': it answered 410. 'failing': every attempt has failed for five days.
    disabled_why  text        check (disabled_why in ('gone', 'failing')),
    check ((disabled_at is null) = (disabled_why is null))
);

-- gone_endpoint stays for the version before, which goes on reading and writing it until it is replaced.
insert into endpoint_health (endpoint, url_hash, failing_since, last_error, last_error_at, disabled_at, disabled_why)
select endpoint, url_hash, at, endpoint || ' answered 410 Gone', at, at, 'gone' from gone_endpoint;
