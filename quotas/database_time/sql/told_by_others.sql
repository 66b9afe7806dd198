-- What all workers but $1 told of minute $2, by account and by key, beside the server's clock; one row of nulls when they
-- told nothing. The primary keys find the minute.
select
  extract(epoch from clock_timestamp())::float8 as clock,
  others.organisation_id,
  others.application_id,
  others.key_id,
  others.used_us
from (values (0)) as one
left join (
  select organisation_id, application_id, null as key_id, sum(used_us)::bigint as used_us
  from gsb.database_time
  where minute = $2::bigint and worker <> $1::uuid
  group by organisation_id, application_id
  union all
  select null, null, key_id, sum(used_us)::bigint
  from gsb.database_time_of_key
  where minute = $2::bigint and worker <> $1::uuid
  group by key_id
) as others on true
