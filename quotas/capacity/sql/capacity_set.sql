-- One row per dataset; the table's checks hold floor <= reserve < limit.
insert into gsb.capacity (dataset_id, name, lim, unit, window_seconds, floor, reserve)
values ($1::bigint, $2::text, $3::bigint, $4::text, $5::integer, $6::bigint, $7::bigint)
on conflict (dataset_id) do update set
  name = excluded.name, lim = excluded.lim, unit = excluded.unit, window_seconds = excluded.window_seconds,
  floor = excluded.floor, reserve = excluded.reserve, updated_at = now()
