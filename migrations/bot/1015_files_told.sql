-- The lead whose readers were told of the file, by the lead's own event or by a later one: each file once to a lead.
alter table file add column told_lead uuid;
