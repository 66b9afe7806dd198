-- Facts know what the database worked, and whose test keys they are of.

alter table gsb.usage_fact add column database_us bigint not null default 0;

-- An application's test keys have an account of their own, its number negated; so have their facts from here on, and the
-- sums by day of what was written before: each ledger is held against its own.
update gsb.usage_day as d
set application_id = -d.application_id
from gsb.api_key as k
where k.id = d.key_id and k.kind = 'gsbt' and d.application_id > 0;
