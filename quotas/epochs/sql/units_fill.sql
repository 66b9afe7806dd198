-- What was told for the epochs ($1 organisations, $2 epochs) becomes their windows and slots here.
with told as (
  select s.*
  from unnest($1::bigint[], $2::bigint[]) as begun (organisation_id, epoch)
  join gsb.window_seed s on s.organisation_id = begun.organisation_id and s.epoch in (0, begun.epoch)
),
slots as (
  insert into gsb.window_slots (organisation_id, key, worker, held, until_ms)
  select
    organisation_id, key, worker, max(units), floor(extract(epoch from clock_timestamp()) * 1000)::bigint + $3::bigint
  from told
  where width_ms is null and units > 0
  group by organisation_id, key, worker
)
insert into gsb.window_units (organisation_id, key, idx, width_ms, units)
select organisation_id, key, floor(extract(epoch from at) * 1000 / width_ms)::bigint, width_ms, sum(units)::bigint
from told
where width_ms is not null
group by 1, 2, 3, 4
