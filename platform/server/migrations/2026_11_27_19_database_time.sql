-- How long the database may work for an account in a minute, and what each worker knows to be spent of it.

-- Policies that the release before this one cannot read stand apart from those that it can: it goes on beside this one.
alter table gsb.plan add column brakes jsonb not null default '[]' check (jsonb_typeof(brakes) = 'array');

-- Twenty milliseconds for each point of the minute.
update gsb.plan
set brakes = jsonb_build_array(jsonb_build_object(
  'name', 'database', 'kind', 'period', 'limit', budget, 'unit', 'milliseconds', 'period', 'minute'))
from (values ('open', 20000), ('registered_use', 60000), ('approved', 240000), ('test', 5000)) as seed (plan, budget)
where name = plan;

-- Of one minute (since 1970) each, and worth nothing after it: a crash of the server may lose them.
create unlogged table gsb.database_time (
  minute bigint not null,
  organisation_id bigint not null,
  application_id bigint not null,
  worker uuid not null,
  used_us bigint not null check (used_us >= 0),
  primary key (minute, organisation_id, application_id, worker)
);
