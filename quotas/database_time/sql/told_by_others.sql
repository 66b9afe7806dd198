-- What all workers but $1 told of minute $2, by account, beside the server's clock; one row of nulls when they told
-- nothing. The primary key finds the minute.
select
  extract(epoch from clock_timestamp())::float8 as clock,
  others.organisation_id,
  others.application_id,
  others.used_us
from (values (0)) as one
left join (
  select organisation_id, application_id, sum(used_us)::bigint as used_us
  from gsb.database_time
  where minute = $2::bigint and worker <> $1::uuid
  group by organisation_id, application_id
) as others on true
