-- What worker $1 knows that the database spent for accounts in minute $2: only ever more. Ordered, so that nobody waits in
-- a circle.
insert into gsb.database_time as t (minute, organisation_id, application_id, worker, used_us)
select $2::bigint, organisation_id, application_id, $1::uuid, used_us
from unnest($3::bigint[], $4::bigint[], $5::bigint[]) as told (organisation_id, application_id, used_us)
order by organisation_id, application_id
on conflict (minute, organisation_id, application_id, worker) do update
set used_us = greatest(t.used_us, excluded.used_us)
