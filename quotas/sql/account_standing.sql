-- Used and reserved of the current period, open leases included; no row before the first grant of the period. How long
-- it lasts is said by the clock that ends it, which is no worker's.
select
  a.used + coalesce(sum(l.used), 0)::bigint as used,
  coalesce(sum(l.amount - l.used), 0)::bigint as reserved,
  a.allotted,
  date_trunc($4::text, now(), 'UTC') as period_start,
  a.period_end,
  extract(epoch from a.period_end - clock_timestamp())::float8 as seconds_left
from gsb.quota_account a
left join gsb.quota_lease l on (l.organisation_id, l.application_id, l.policy, l.period_start)
  = (a.organisation_id, a.application_id, a.policy, a.period_start) and l.state = 'open'
where a.organisation_id = $1::bigint
  and a.application_id = $2::bigint
  and a.policy = $3::text
  and a.period_start = date_trunc($4::text, now(), 'UTC')
group by a.organisation_id, a.application_id, a.policy, a.period_start
