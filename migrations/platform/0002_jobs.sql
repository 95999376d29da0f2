-- Keyed FIFO jobs (crate jobs): what a service does to the outside world. They stand in the service's own
-- schema.
--
-- The state of a job:
--   0 new      as written; whether another job of its key stands before it is not known yet
--   1 behind   another job of its key stands before it
--   2 head     it is the first of its key
--   3 running  taken by a process, until lease_until
--
-- Invariants, whatever the number of replicas:
--   A. At most one job of a key is running (the unique index job_running).
--   B. A job behind has a living job of its key before it, and whoever deletes a job makes a head of the
--      next of its key if that one is behind. Only the taker who holds the lock of the job before may put
--      a job behind, and the transaction that has just written both; a deletion waits for either, so its
--      search for the next sees what was put behind.
-- New jobs are looked at once, jobs behind not at all: a backlog of one key costs a claim nothing.
create table job (
    queue       text        collate "C" not null,
    key         text        collate "C" not null,
    id          bigint      not null generated always as identity,
    state       smallint    not null default 0 check (state between 0 and 3),
    -- How many attempts left unknown whether their call had an effect: they lost their process or their
    -- lease, or the call broke off.
    interrupted int         not null default 0,
    -- Attempts spent, the running one among them.
    attempt     int         not null default 0,
    -- How often the job was taken: what its taker must show to end it.
    lease       int         not null default 0,
    -- Not before; for a job that waited behind another, when it became the head.
    run_at      timestamptz not null default now(),
    lease_until timestamptz,
    enqueued_at timestamptz not null default now(),
    trace       text        not null,
    correlation text        not null,
    causation   text,
    payload     bytea       not null,
    primary key (queue, key, id)
) with (
    -- Room for the update that takes the job; a queue's dead rows are swept often, at full speed, and the
    -- file is not cut (that takes a lock which stops everyone) because it fills again.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 50000, vacuum_truncate = off
);
create index job_due on job (queue, run_at, id) where state in (0, 2);
-- The heads alone: they go on while a great number of new jobs is being looked at.
create index job_head on job (queue, run_at, id) where state = 2;
create unique index job_running on job (queue, key) where state = 3;

-- A rate that jobs share (GCRA). tat: the theoretical arrival time. tail: the end of the line of those who
-- were told to come back. No row is the same as a tat in the past.
create table rate_limit (
    key          text        collate "C" primary key,
    tat          timestamptz not null,
    tail         timestamptz,
    paused_until timestamptz
) with (
    fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_cost_delay = 0, vacuum_truncate = off
);

-- The functions below plan once, because a plan made anew costs more than the statement; and the first plan of
-- a connection is often made while the table is empty, when one way looks as cheap as another. So they are
-- written (and the planner is bound) such that the only plan is one look into an index per job. In the joins
-- the queue comes from a subquery that the planner can not look into (offset 0); known, it would let the
-- planner read the whole queue once per row. For the same reason they say "state > 2" and not "= 3": the index
-- of those running may not be read as a whole.

-- Writes jobs in their order. _wanted: the state of each if nothing of its key stands in the table: 0 new,
-- 2 head, 3 running (for _lease seconds, the attempt counted); or 1 behind, where a job of its key stands
-- earlier in this very call. Whatever has another job of its key before it is new: it is looked at later. Of
-- two transactions that do not know of each other's job of a key only one can write it as running; the other
-- waits for it and is refused (job_running), and finds it there when it tries again.
create function job_enqueue(
    _queue text, _lease double precision, _keys text[], _wanted smallint[], _run_at timestamptz[],
    _payloads bytea[], _traces text[], _correlations text[], _causations text[]
) returns table (id bigint, state smallint, enqueued_at timestamptz) language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
    return query
    insert into job (queue, key, state, attempt, lease, lease_until, run_at,
                     payload, trace, correlation, causation)
    select _queue, n.key, n.state, (n.state = 3)::int, (n.state = 3)::int,
           -- Not from the beginning of the transaction, which may have waited for locks.
           case when n.state = 3 then clock_timestamp() + make_interval(secs => _lease) end,
           coalesce(n.run_at, now()), n.payload, n.trace, n.correlation, n.causation
    from (
        select u.*, case
                   when u.wanted < 2 then u.wanted
                   when (select true from job j where j.queue = _queue and j.key = u.key limit 1) then 0
                   else u.wanted
               end::smallint as state
        from unnest(_keys, _wanted, _run_at, _payloads, _traces, _correlations, _causations) with ordinality
             u (key, wanted, run_at, payload, trace, correlation, causation, nth)
        offset 0
    ) n
    order by n.nth
    returning job.id, job.state, job.enqueued_at;
end $$;

-- Locks up to _slots jobs that may start, oldest first, and puts aside what stands behind others.
-- _since: nothing that became due earlier is looked for (dead rows of a busy queue lie there); null: all.
-- more: there may be further jobs to be looked at. unsure: jobs whose predecessor is just now being ended.
-- oldest: nothing that may start became due earlier. Called by job_claim, whose settings hold here too.
create function job_heads(
    _queue text, _slots int, _since timestamptz,
    out keys text[], out ids bigint[], out more boolean, out unsure boolean,
    out oldest timestamptz
) language plpgsql as $$
declare
    _due int;
    _since_when timestamptz;
    _head_keys text[];
    _head_ids bigint[];
    _behind_keys text[];
    _behind_ids bigint[];
    _look int := _slots;
begin
    keys := '{}';
    ids := '{}';
    unsure := false;
    _since := coalesce(_since, '-infinity');
    for _round in 1..2 loop
        with due as materialized (
            select j.queue, j.key, j.id, j.state, j.run_at from job j
            where j.queue = _queue and j.state in (0, 2) and j.run_at >= _since and j.run_at <= now()
            order by j.run_at, j.id limit _look
            for update skip locked
        ), judged as materialized (
            select d.queue, d.key, d.id, d.run_at,
                   case when d.state = 0 then (
                       select p.id from job p where p.queue = d.queue and p.key = d.key and p.id < d.id
                       order by p.id desc limit 1
                   ) end as before,
                   -- Only when ids were not committed in their order can a head be busy.
                   (
                       select true from job r where r.queue = d.queue and r.key = d.key and r.state = 3 limit 1
                   ) as busy
            from due d
        ), held as materialized (
            select p.id from judged j join job p on p.queue = j.queue and p.key = j.key and p.id = j.before
            for key share of p skip locked
        ), verdict as (
            select j.key, j.id, j.run_at, j.before is null and j.busy is null as head,
                   j.before in (select h.id from held h) as behind
            from judged j
            -- What the round before has already chosen is still due and locked by us.
            where not j.id = any (ids)
        )
        select count(*), min(v.run_at),
               array_agg(v.key order by v.id) filter (where v.head),
               array_agg(v.id order by v.id) filter (where v.head),
               array_agg(v.key) filter (where v.behind),
               array_agg(v.id) filter (where v.behind)
        into _due, _since_when, _head_keys, _head_ids, _behind_keys, _behind_ids
        from verdict v;
        oldest := coalesce(oldest, _since_when, now());
        keys := keys || coalesce(_head_keys, '{}');
        ids := ids || coalesce(_head_ids, '{}');
        if _behind_ids is not null then
            update job j set state = 1
            from (select _queue as queue, * from unnest(_behind_keys, _behind_ids) u (key, id) offset 0) b
            where j.queue = b.queue and j.key = b.key and j.id = b.id;
        end if;
        unsure := unsure
            or _due > coalesce(cardinality(_head_ids), 0) + coalesce(cardinality(_behind_ids), 0);
        more := _due >= _look - cardinality(ids) + coalesce(cardinality(_head_ids), 0);
        exit when not more or _behind_ids is null or cardinality(ids) >= _slots;
        _look := 256 + cardinality(ids);
    end loop;
    if more and cardinality(ids) < _slots then
        select array_agg(h.key), array_agg(h.id) into _head_keys, _head_ids
        from (
            select j.key, j.id from job j
            where j.queue = _queue and j.state = 2 and j.run_at >= _since and j.run_at <= now()
              and not j.id = any (ids)
              and (select true from job r where r.queue = j.queue and r.key = j.key and r.state = 3 limit 1) is null
            order by j.run_at, j.id limit _slots - cardinality(ids)
            for update skip locked
        ) h;
        keys := keys || coalesce(_head_keys, '{}');
        ids := ids || coalesce(_head_ids, '{}');
    end if;
    more := more or cardinality(ids) > _slots;
    -- Who writes jobs of a key without a common lock can make two heads of it: the older goes first.
    if (select count(distinct k) from unnest(keys) k) < cardinality(keys) then
        select array_agg(f.key order by f.nth), array_agg(f.id order by f.nth) into keys, ids
        from (
            select distinct on (u.key) u.* from unnest(keys, ids) with ordinality u (key, id, nth)
            order by u.key, u.id
        ) f;
    end if;
    keys := keys[:_slots];
    ids := ids[:_slots];
end $$;

-- Takes up to _slots jobs for _lease seconds: running, the attempt counted. With _start false it only locks
-- them, for a caller that first asks the rates and then calls job_start in the same transaction; attempt and
-- lease are returned as they will be. The last row has no id; nothing that may start became due before its
-- run_at, and it says in how many seconds to come back: 0 at once, null unknown.
create function job_claim(
    _queue text, _slots int, _since timestamptz, _lease double precision, _start boolean
) returns table (
    id bigint, key text, attempt int, lease int, interrupted int, run_at timestamptz,
    enqueued_at timestamptz, trace text, correlation text, causation text, payload bytea,
    come_back double precision
) language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    _heads record;
begin
    select * into _heads from job_heads(_queue, _slots, _since);
    if cardinality(_heads.ids) > 0 and _start then
        return query
        update job j
        set state = 3, attempt = j.attempt + 1, lease = j.lease + 1,
            lease_until = clock_timestamp() + make_interval(secs => _lease)
        from (select _queue as queue, * from unnest(_heads.keys, _heads.ids) u (key, id) offset 0) h
        where j.queue = h.queue and j.key = h.key and j.id = h.id
        returning j.id, j.key, j.attempt, j.lease, j.interrupted, j.run_at, j.enqueued_at,
                  j.trace, j.correlation, j.causation, j.payload, null::double precision;
    elsif cardinality(_heads.ids) > 0 then
        return query
        select j.id, j.key, j.attempt + 1, j.lease + 1, j.interrupted, j.run_at, j.enqueued_at,
               j.trace, j.correlation, j.causation, j.payload, null::double precision
        from (select _queue as queue, * from unnest(_heads.keys, _heads.ids) u (key, id) offset 0) h
        join job j on j.queue = h.queue and j.key = h.key and j.id = h.id
        order by j.run_at, j.id;
    end if;
    come_back := case
        when _heads.more then 0
        when _heads.unsure then 0.01
        else (
            select extract(epoch from j.run_at - now()) from job j
            where j.queue = _queue and j.state in (0, 2) and j.run_at > now()
            order by j.run_at limit 1
        )
    end;
    id := null;
    run_at := _heads.oldest;
    return next;
end $$;

-- The second half of a claim under rates: starts the jobs that are admitted, tells the others when to come
-- back (Unix microseconds), and writes the rates that the caller has locked.
create function job_start(
    _queue text, _lease double precision, _keys text[], _ids bigint[],
    _later_keys text[], _later_ids bigint[], _later_at bigint[],
    _rates text[], _tats bigint[], _tails bigint[]
) returns void language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan as $$
begin
    update job j
    set state = 3, attempt = j.attempt + 1, lease = j.lease + 1,
        lease_until = clock_timestamp() + make_interval(secs => _lease)
    from (select _queue as queue, * from unnest(_keys, _ids) u (key, id) offset 0) h
    where j.queue = h.queue and j.key = h.key and j.id = h.id;
    update job j
    set state = 2, run_at = 'epoch'::timestamptz + l.at * interval '1 microsecond'
    from (select _queue as queue, * from unnest(_later_keys, _later_ids, _later_at) u (key, id, at) offset 0) l
    where j.queue = l.queue and j.key = l.key and j.id = l.id;
    update rate_limit r
    set tat = 'epoch'::timestamptz + n.tat * interval '1 microsecond',
        tail = 'epoch'::timestamptz + n.tail * interval '1 microsecond'
    from unnest(_rates, _tats, _tails) n (key, tat, tail)
    where r.key = n.key;
end $$;

-- Deletes jobs that have ended, those that are still the caller's by their lease, and lets the next of their
-- keys go on. Two statements, because the second must see what was put behind before the first had its locks.
-- next: another job of the key waits.
create function job_finish(_queue text, _keys text[], _ids bigint[], _leases int[])
returns table (id bigint, lease int, next boolean) language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    _gone_keys text[];
    _gone_ids bigint[];
    _gone_leases int[];
    _next_keys text[];
    _next_ids bigint[];
begin
    with gone as (
        delete from job j
        using (select _queue as queue, * from unnest(_keys, _ids, _leases) u (key, id, lease) offset 0) e
        where j.queue = e.queue and j.key = e.key and j.id = e.id and j.lease = e.lease and j.state > 2
        returning j.key, j.id, j.lease
    )
    select array_agg(g.key), array_agg(g.id), array_agg(g.lease) into _gone_keys, _gone_ids, _gone_leases
    from gone g;
    select array_agg(g.key), array_agg(n.id) into _next_keys, _next_ids
    from unnest(_gone_keys, _gone_ids) g (key, id)
    cross join lateral (
        select j.id from job j where j.queue = _queue and j.key = g.key and j.id > g.id order by j.id limit 1
    ) n;
    update job j set state = 2, run_at = greatest(j.run_at, now())
    from (select _queue as queue, * from unnest(_next_keys, _next_ids) u (key, id) offset 0) n
    where j.queue = n.queue and j.key = n.key and j.id = n.id and j.state = 1;
    return query
    select g.id, g.lease, g.key = any (coalesce(_next_keys, '{}'))
    from unnest(_gone_keys, _gone_ids, _gone_leases) g (key, id, lease);
end $$;

-- Gives jobs back, when they are still the caller's, to be run _after seconds. refund: the attempt is not spent. unknown: whether it had an effect.
create function job_later(
    _queue text, _keys text[], _ids bigint[], _leases int[],
    _after double precision[], _refunds boolean[], _unknown boolean[]
) returns setof bigint language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan as $$
begin
    return query
    update job j
    set state = 2, attempt = j.attempt - l.refund::int, interrupted = j.interrupted + l.unknown::int,
        run_at = now() + make_interval(secs => l.after)
    from (
        select _queue as queue, *
        from unnest(_keys, _ids, _leases, _after, _refunds, _unknown)
             u (key, id, lease, after, refund, unknown)
        offset 0
    ) l
    where j.queue = l.queue and j.key = l.key and j.id = l.id and j.lease = l.lease and j.state > 2
    returning j.id;
end $$;

-- Prolongs leases by _lease seconds from now; returns the jobs that are still the caller's.
create function job_renew(_queue text, _lease double precision, _keys text[], _ids bigint[], _leases int[])
returns setof bigint language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan as $$
begin
    return query
    update job j set lease_until = clock_timestamp() + make_interval(secs => _lease)
    from (select _queue as queue, * from unnest(_keys, _ids, _leases) u (key, id, lease) offset 0) h
    where j.queue = h.queue and j.key = h.key and j.id = h.id and j.lease = h.lease and j.state > 2
    returning j.id;
end $$;

-- Takes jobs back whose lease has ended: nobody knows how their attempt went.
create function job_reap(_queue text) returns setof bigint language plpgsql
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
set enable_hashjoin = off set enable_mergejoin = off set plan_cache_mode = force_generic_plan as $$
begin
    return query
    with ended as materialized (
        select j.queue, j.key, j.id from job j
        -- The index of those running is to be read, not the queue.
        where j.queue || '' = _queue and j.state = 3 and j.lease_until < now()
        for update skip locked
    )
    update job j set state = 2, interrupted = j.interrupted + 1, run_at = now()
    from ended e
    where j.queue = e.queue and j.key = e.key and j.id = e.id
    returning j.id;
end $$;
