-- Of one dataset, per day from $2 to $3 (both included): sums, and how many applications shared them. The index
-- usage_day_by_dataset serves the filter; application 0 is everybody who read files without a key, and is nobody's.
-- Organisations are counted through the accounts of quotas, which outlive them.
select
  d.day,
  count(distinct a.organisation_id)::bigint as organisations,
  sum(d.requests)::bigint as requests,
  sum(d.points)::bigint as points,
  sum(d.bytes)::bigint as bytes,
  sum(d.errors)::bigint as errors
from gsb.usage_day d
left join (select distinct organisation_id, application_id from gsb.quota_account) a using (application_id)
where d.dataset_id = $1::bigint
  and d.day between $2::date and $3::date
group by d.day
order by d.day
