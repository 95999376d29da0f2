-- What a question's prompt was chosen for, and why: 'consultation (sources)', 'qualification (told)'. Empty in older rows.
alter table route add column context text not null default '';
