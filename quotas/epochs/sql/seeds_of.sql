-- All that was told for epoch $2 of organisation $1, by key and age; ages are cut to the width, so that nothing is
-- forgotten early. Index window_seed_by_epoch.
select
  key,
  width_ms,
  case when width_ms is null then worker else '' end as worker,
  coalesce(floor(extract(epoch from clock_timestamp() - at) * 1000 / width_ms) * width_ms, 0)::bigint as age_ms,
  case when width_ms is null then max(units) else sum(units) end::bigint as units
from gsb.window_seed
where organisation_id = $1::bigint and epoch in (0, $2::bigint) and (epoch > 0 or at > now() - interval '2 hours')
group by 1, 2, 3, 4
