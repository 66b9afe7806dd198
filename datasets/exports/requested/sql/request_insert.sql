-- A request that waits; nothing comes back when the account has used the idempotency key before (unique).
insert into gsb.export_request (
  id, organisation_id, application_id, key_id, idempotency_key, dataset_id, release_id, format, fields, conditions
)
values (
  $1::text, $2::bigint, $3::bigint, $4::text, $5::text, $6::bigint, $7::bigint, $8::text, $9::text[], $10::jsonb
)
on conflict (organisation_id, application_id, idempotency_key) do nothing
returning id
