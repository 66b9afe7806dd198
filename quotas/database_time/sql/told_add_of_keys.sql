-- What worker $1 knows that the database spent for keys in minute $2: only ever more. Ordered, so that nobody waits in a circle.
insert into gsb.database_time_of_key as t (minute, key_id, worker, used_us)
select $2::bigint, key_id, $1::uuid, used_us
from unnest($3::text[], $4::bigint[]) as told (key_id, used_us)
order by key_id
on conflict (minute, key_id, worker) do update
set used_us = greatest(t.used_us, excluded.used_us)
