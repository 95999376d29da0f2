-- A person's leads are asked for by their number too: a request may have been left in a group.
create index lead_of_person on lead (bot, (contact->>'telegram_user_id'));
