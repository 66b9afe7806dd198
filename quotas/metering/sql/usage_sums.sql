-- Exact sums per day of an organisation's applications from day $3 to day $4, both included; $5 to $8 say by what:
-- application, key, dataset, day. By dataset the rows of datasets, -1 for answers that touched none, else those of whole
-- answers: either way each point counts once. The primary key of usage_day finds the applications and days; those with
-- anything to sum have an account. Those of test keys have negated numbers, and count for their application.
with mine as (
  select distinct application_id from gsb.quota_account where organisation_id = $1::bigint
  union
  select unnest(array[$2::bigint, -$2::bigint])
)
select
  case when $5::boolean then abs(d.application_id) end as application_id,
  case when $6::boolean then d.key_id end as key_id,
  case when $7::boolean then d.dataset_id end as dataset_id,
  case when $8::boolean then d.day end as day,
  sum(d.requests)::bigint as requests,
  sum(d.points)::bigint as points,
  sum(d.bytes)::bigint as bytes,
  sum(d.errors)::bigint as errors,
  sum(d.database_us)::bigint as database_us
from gsb.usage_day d
join mine using (application_id)
where d.day between $3::date and $4::date
  and (d.dataset_id <> 0) = $7::boolean
group by 1, 2, 3, 4
order by 4, 1, 2, 3
limit $9::integer
