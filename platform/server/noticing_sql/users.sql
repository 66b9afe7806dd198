-- Applications that asked major $2 of dataset $1 in the last 90 days, those that asked for most of the columns $3 first, with
-- which of these; an operation counts for each field that it has ever read, and a file holds them all. Those of test keys,
-- which are negated, count too. The index usage_day_by_dataset finds the applications, and usage_fact_by_application their
-- facts.
with operation as (
  select operation_hash, array_agg(distinct field::text) filter (where field = any($3::text[])) as fields
  from gsb.operation_field
  where dataset_id = $1::bigint and major = $2::int
  group by operation_hash
  union all
  select 'file', $3::text[]
),
used as (
  select
    abs(fact.application_id) as application_id, fact.operation_hash, sum(fact.requests) as requests, max(fact.second) as last
  from gsb.usage_fact as fact
  join gsb.release as release on release.id = fact.release_id
  join gsb.contract as contract on contract.id = release.contract_id
  where fact.dataset_id = $1::bigint
    and fact.application_id <> 0
    and fact.application_id in (
      select unnest(array[application_id, -application_id])
      from gsb.usage_day
      where dataset_id = $1::bigint and day >= (now() - interval '91 days')::date
    )
    and fact.second > now() - interval '90 days'
    and split_part(contract.version, '.', 1)::int = $2::int
  group by 1, 2
)
select
  organisation.id as organisation_id,
  organisation.name as organisation,
  application.id as application_id,
  application.name as application,
  array(
    select distinct touched.field
    from used as own
    join operation on operation.operation_hash = own.operation_hash
    cross join unnest(operation.fields) as touched (field)
    where own.application_id = application.id
    order by touched.field
  ) as fields,
  sum(used.requests)::bigint as requests,
  (max(used.last) at time zone 'UTC')::date as last_on
from used
join gsb.application as application on application.id = used.application_id
join gsb.organisation as organisation on organisation.id = application.organisation_id
group by organisation.id, organisation.name, application.id, application.name
order by cardinality(array_agg(distinct used.operation_hash)) desc, application.id
