-- The lead that a deal came of, also while that lead has no deal (it is driven again) or has got another: so that a deal
-- keeps the id that others know it by, and none is kept of a person who was erased.
alter table deal add column lead_id uuid;
update deal d set lead_id = (
    select l.lead_id from crm_link l where l.account = d.account and l.deal = d.deal
    order by l.joined, l.created_at, l.lead_id limit 1);
-- What no lead has any more was to be deleted.
delete from deal where lead_id is null;
create index deal_by_lead on deal (lead_id);
