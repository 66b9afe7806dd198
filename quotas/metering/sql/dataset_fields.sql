-- Of one dataset, per field, from day $2 to day $3: requests of operations that read it, and by how many organisations. A
-- request is counted at each field that its operation has ever read of the dataset under any variables.
select
  o.major,
  o.field,
  count(distinct a.organisation_id)::bigint as organisations,
  sum(f.requests)::bigint as requests
from gsb.usage_fact f
join gsb.operation_field o on o.operation_hash = f.operation_hash and o.dataset_id = f.dataset_id
left join (select distinct organisation_id, application_id from gsb.quota_account) a using (application_id)
where f.dataset_id = $1::bigint
  and f.second >= $2::date at time zone 'UTC'
  and f.second < ($3::date + 1) at time zone 'UTC'
group by o.major, o.field
order by requests desc, o.major, o.field
