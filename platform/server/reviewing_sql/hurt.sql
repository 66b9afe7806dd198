-- Applications that asked for any of the columns $3 of major $2 of dataset $1 in the last 90 days, with which of them and how
-- often; an operation counts for each field that it has ever read. Those of test keys, which are negated, count too.
select
  organisation.name as organisation,
  application.id as application_id,
  application.name as application,
  array_agg(distinct o.field order by o.field) as fields,
  (
    select coalesce(sum(f.requests), 0)
    from gsb.usage_fact as f
    where abs(f.application_id) = application.id
      and f.dataset_id = $1::bigint
      and f.second > now() - interval '90 days'
      and f.operation_hash in (
        select operation_hash from gsb.operation_field
        where dataset_id = $1::bigint and major = $2::int and field = any($3::text[])
      )
  )::bigint as requests,
  max((used.second at time zone 'UTC')::date) as last_on
from gsb.operation_field as o
join gsb.usage_fact as used on used.operation_hash = o.operation_hash and used.dataset_id = o.dataset_id
join gsb.application as application on application.id = abs(used.application_id)
join gsb.organisation as organisation on organisation.id = application.organisation_id
where o.dataset_id = $1::bigint
  and o.major = $2::int
  and o.field = any($3::text[])
  and used.second > now() - interval '90 days'
group by organisation.name, application.id, application.name
order by requests desc, application.id
limit 500
