-- Batch $2 of worker $1: idempotent, as a batch that this worker has written already adds nothing. In one order, so that two
-- workers cannot block each other.
with fresh as (
  insert into gsb.demand_worker as w (worker_boot, seq)
  values ($1::uuid, $2::bigint)
  on conflict (worker_boot) do update set seq = excluded.seq, at = now() where w.seq < excluded.seq
  returning seq
)
insert into gsb.demand_day as d (day, dataset_id, field, organisation_id, requests)
select one.day, one.dataset_id, one.field, one.organisation_id, one.requests
from unnest($3::date[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[])
  as one (day, dataset_id, field, organisation_id, requests)
cross join fresh
order by one.dataset_id, one.field, one.day, one.organisation_id
on conflict (dataset_id, field, day, organisation_id) do update set requests = d.requests + excluded.requests
