-- A queued job, begun at $13 if that is given; nothing comes back when the agency has used the idempotency key before
-- (unique), whoever was first.
insert into gsb.job (
  id, agency_id, dataset_id, idempotency_key, file_sha256, file_name, file_bytes, as_of, actor, mode, purpose,
  submission_id, lease_until, notes_fa, notes_en
)
values (
  $1::text, $2::bigint, $3::bigint, $4::text, $5::text, $6::text, $7::bigint, $8::date, $9::text, $10::text, $11::text,
  $12::text, $13::timestamptz, $14::text, $15::text
)
on conflict (agency_id, idempotency_key) do nothing
returning id
