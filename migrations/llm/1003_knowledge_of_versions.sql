-- The knowledge of a bot's version is kept under a name of its own, `<folder>@<first digits of its hash>`, in
-- document.bot and passage.bot. Which of them are still asked for.
create table knowledge (
    name    text        primary key,
    folder  text        not null,
    used_at timestamptz not null
);
create index knowledge_folder on knowledge (folder, used_at);

-- What older programs have stored, under the folder's name alone, goes once none of them can be running.
insert into knowledge (name, folder, used_at) select distinct bot, bot, now() from document;
