-- Applications that asked major $2 of dataset $1 in the last 90 days, those that asked for most of the columns $3 first, with
-- which of these; an operation counts for each field that it has ever read, and a file holds them all. Those of test keys,
-- which are negated, count too. The index usage_fact_by_dataset finds their facts, whoever else's there are; it has none of
-- whole answers, which the condition on dataset_id says again for the planner.
with operation as materialized (
  select operation_hash, array_agg(distinct field::text) as fields
  from gsb.operation_field
  where dataset_id = $1::bigint and major = $2::int and field = any($3::text[])
  group by operation_hash
  union all
  select 'file', $3::text[]
),
used as materialized (
  select
    abs(fact.application_id) as application_id, fact.operation_hash, sum(fact.requests) as requests, max(fact.second) as last
  from gsb.usage_fact as fact
  where fact.dataset_id = $1::bigint
    and fact.dataset_id > 0
    and fact.application_id <> 0
    and fact.second > now() - interval '90 days'
    and fact.release_id in (
      select release.id
      from gsb.release as release
      join gsb.contract as contract on contract.id = release.contract_id
      where release.dataset_id = $1::bigint and split_part(contract.version, '.', 1)::int = $2::int
    )
  group by 1, 2
),
touched as materialized (
  select own.application_id, array_agg(distinct field order by field) as fields
  from used as own
  join operation on operation.operation_hash = own.operation_hash
  cross join unnest(operation.fields) as field
  group by own.application_id
)
select
  organisation.id as organisation_id,
  organisation.name as organisation,
  application.id as application_id,
  application.name as application,
  coalesce(touched.fields, '{}') as fields,
  sum(used.requests)::bigint as requests,
  (max(used.last) at time zone 'UTC')::date as last_on
from used
join gsb.application as application on application.id = used.application_id
join gsb.organisation as organisation on organisation.id = application.organisation_id
left join touched on touched.application_id = application.id
group by organisation.id, organisation.name, application.id, application.name, touched.fields
order by cardinality(array_agg(distinct used.operation_hash)) desc, application.id
