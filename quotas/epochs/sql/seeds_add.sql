-- What worker $1 admitted, by age: the moment is never before the grant, because the clock goes on while this travels.
insert into gsb.window_seed (organisation_id, epoch, worker, key, width_ms, at, units)
select organisation_id, epoch, $1::text, key, width_ms, clock_timestamp() - make_interval(secs => age_ms / 1000.0), units
from unnest($2::bigint[], $3::bigint[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[])
  as told (organisation_id, epoch, key, width_ms, age_ms, units)
