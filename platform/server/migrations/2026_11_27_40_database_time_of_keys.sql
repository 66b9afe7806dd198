-- How long the database may work for one key in a minute, within what its application may, and what each worker knows of it.

-- Apart from the brakes of applications: the release before this one reads at most one budget of database time.
alter table gsb.plan add column key_brakes jsonb not null default '[]' check (jsonb_typeof(key_brakes) = 'array');

-- Three quarters of the application's: one key that runs wild leaves a quarter to its sisters.
update gsb.plan
set key_brakes = jsonb_build_array(jsonb_build_object(
  'name', 'database_key', 'kind', 'period', 'limit', budget, 'unit', 'milliseconds', 'period', 'minute', 'per_key', true))
from (values ('open', 15000), ('registered_use', 45000), ('approved', 180000), ('test', 3750)) as seed (plan, budget)
where name = plan;

-- As gsb.database_time, of keys.
create unlogged table gsb.database_time_of_key (
  minute bigint not null,
  key_id text not null,
  worker uuid not null,
  used_us bigint not null check (used_us >= 0),
  primary key (minute, key_id, worker)
);
