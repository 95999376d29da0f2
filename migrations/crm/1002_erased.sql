-- Leads of people who were erased: a lead that was still on its way then is not delivered any more. Only the id
-- of a lead that is nowhere else.
create table erased_lead (
    lead_id uuid        primary key,
    at      timestamptz not null default now()
);
