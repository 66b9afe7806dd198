-- The windows and slots of organisation $1 that are kept here, as an epoch elsewhere begins with them. A sub-bucket counts
-- as young as its end.
select
  key,
  width_ms,
  '' as worker,
  greatest(0, floor(extract(epoch from clock_timestamp()) * 1000) - (idx + 1) * width_ms)::bigint as age_ms,
  units
from gsb.window_units
where organisation_id = $1::bigint and units > 0
union all
select key, null, worker, 0, held
from gsb.window_slots
where organisation_id = $1::bigint and until_ms > floor(extract(epoch from clock_timestamp()) * 1000)
