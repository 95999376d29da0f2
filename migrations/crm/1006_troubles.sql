-- What is wrong with an account or an endpoint, from when it is seen until it is over. What stands here is found out anew by
-- every look at the deliveries, so nothing is lost where a look fails.
create table trouble (
    id        bigint      generated always as identity primary key,
    what      text        not null,
    -- The account, the endpoint, or 'leads' for those that none of them wants.
    target    text        not null,
    -- Since when, by what is known of the deliveries.
    since     timestamptz not null,
    -- How many are concerned.
    count     bigint      not null,
    -- A reason for people; nothing of a person.
    detail    text        not null default '',
    opened_at timestamptz not null default now(),
    over_at   timestamptz
);
create unique index trouble_open on trouble (what, target) where over_at is null;

-- What each receiver of alerts was told last of a trouble, written together with the job that tells it.
create table alert_told (
    trouble_id bigint      not null references trouble (id) on delete cascade,
    alert      text        not null,
    count      bigint      not null,
    over       boolean     not null,
    told_at    timestamptz not null default now(),
    primary key (trouble_id, alert)
);

-- When something was delivered last, and what was in the last days.
create index delivery_delivered on delivery (endpoint, ended_at) where state = 'delivered';

-- Comparisons of what was delivered with what a CRM has; the nightly ones have their day.
create table comparison (
    id         bigint      generated always as identity primary key,
    account    text        not null,
    -- 2026-11-28; empty of one that a person asked for.
    day        text        not null default '',
    began_at   timestamptz not null default now(),
    tries      int         not null default 1,
    -- Null: it is under way, or was cut off.
    outcome    text        check (outcome in ('done', 'failed')),
    ended_at   timestamptz,
    -- How many of our leads and of the CRM's deals were looked at.
    leads      bigint      not null default 0,
    deals      bigint      not null default 0,
    -- Why it failed, or what was not looked at.
    note       text        not null default ''
);
create unique index comparison_of_day on comparison (account, day) where day <> '';
create index comparison_by_account on comparison (account, id);

-- What a comparison found on one side only.
create table difference (
    comparison_id bigint not null references comparison (id) on delete cascade,
    -- gone: we delivered it, and the CRM has it no more. unknown: the CRM has it, and no lead of ours is it. twice: it is in
    -- the CRM once more. stuck: it is on no way to the CRM.
    kind          text   not null check (kind in ('gone', 'unknown', 'twice', 'stuck')),
    lead_id       uuid   not null,
    -- The CRM's id of it; empty where it has none.
    deal          text   not null default '',
    primary key (comparison_id, kind, lead_id, deal)
);
create index difference_by_lead on difference (lead_id);
