-- Whose bot a deal came of: it is told with every move of the deal. Empty of what came before this was kept and whose
-- delivery is gone.
alter table crm_link add column bot text not null default '';
update crm_link l set bot = d.body::jsonb->>'bot'
from delivery d
where d.id = 'lead_' || l.lead_id || '_' || l.account and d.kind = 'lead' and d.body::jsonb->>'bot' is not null;

-- What was last read of a deal of ours, since its CRM has told for the first time that something changed. One row,
-- however many leads the deal has.
create table deal (
    -- What others know it by, also where the CRM makes another thing of it (a lead of Bitrix24 becomes a deal).
    id            uuid        primary key,
    account       text        not null,
    -- The CRM's id, as crm_link has it.
    deal          text        not null,
    -- A job that is to read it waits; what else is told of the deal until that begins needs no other.
    asked         boolean     not null default true,
    -- As it was read. All null: not yet.
    read_at       timestamptz,
    outcome       text        check (outcome in ('open', 'won', 'lost', 'deleted')),
    outcome_since timestamptz,
    -- Ids of the CRM.
    pipeline      text,
    stage         text,
    responsible   text,
    -- In the smallest unit of the currency.
    amount_minor  bigint,
    -- ISO 4217.
    currency      text,
    unique (account, deal)
);
