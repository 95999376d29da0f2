-- Until when somebody is renewing a pair. The call to the CRM may take a minute, and no transaction is open while it lasts.
alter table oauth_grant add column renewing_until timestamptz;
