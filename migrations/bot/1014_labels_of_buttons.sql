-- Personal data, as the text is. Of a pressed button, what stood on it (its text is the button's data); of the bot's
-- message, what stands on the buttons below it, a line each. Empty in older rows.
alter table message add column label text not null default '';
alter table message_archive add column label text not null default '';
