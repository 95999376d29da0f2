-- What the bot took a person's message for ("faq:price", "answer:intake/budget", "model", …) and how surely, 0 to 1;
-- null in older rows and where there was nothing to understand.
alter table message add column intent text, add column confidence real;
