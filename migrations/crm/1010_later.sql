-- What happens to a lead after it was captured is delivered as the lead was: files, another score, the end of the
-- conversation. `lead_id` is then the lead's own, so that a lead has more than one delivery to a place; `id` still tells
-- them apart.
alter table delivery
    drop constraint delivery_lead_id_endpoint_key,
    drop constraint delivery_kind_check,
    add constraint delivery_kind_check check (kind in ('lead', 'handoff', 'later')),
    -- The delivery whose note tells it too; its job does that, and its dead letter stands for both.
    add column told_with text,
    -- Its place in that note.
    add column told_nth  int;
create index delivery_of_lead on delivery (lead_id, endpoint);
create index delivery_told_with on delivery (told_with) where told_with is not null;
