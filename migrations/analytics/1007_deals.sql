-- What became of leads in a CRM, as last told: a deal that is won, reopened and won again is one row. Which deal that is over
-- there is not known here.
create table deal (
    deal_id       uuid        primary key,
    lead_id       uuid        not null,
    bot           text        not null,
    account       text        not null,
    outcome       text        not null,
    -- Since when it has this outcome: in which period it counts as won or lost.
    outcome_since timestamptz not null,
    -- In the smallest unit of the currency.
    amount_minor  bigint      not null,
    -- ISO 4217; empty where the CRM does not tell it.
    currency      text        not null,
    -- When it was read there: what was read earlier and comes later changes nothing.
    at            timestamptz not null
);
create index deal_outcome_since on deal (outcome_since);
-- An erasure counts the facts of one person's leads.
create index deal_lead on deal (lead_id);
