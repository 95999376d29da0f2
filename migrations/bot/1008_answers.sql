-- Which of the person's messages an answer is for, so that an edit of the one changes the other. 0 for what answers
-- nothing, for the person's own messages, and for what was said before this was kept.
alter table message add column answers bigint not null default 0;
