-- Runs once, when the database is created. Schemas and login roles are made by `dragoman migrate`; an extension
-- wants a superuser.
create extension if not exists vector;
