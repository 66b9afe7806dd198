-- Idempotent for ever by (worker, seq): a batch whose acknowledgement was lost may be sent again.
insert into gsb.usage_fact
  (worker_boot, seq, second, application_id, key_id, dataset_id, release_id, operation_hash,
   requests, points, bytes, errors, ms, database_us)
select $1::uuid, *
from unnest(
  $2::bigint[], $3::timestamptz[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::text[],
  $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[]
)
on conflict (worker_boot, seq) do nothing
