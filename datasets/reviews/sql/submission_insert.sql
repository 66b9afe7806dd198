-- A new submission; nothing comes back when the agency has used the idempotency key before (unique).
insert into gsb.submission (
  id, agency_id, dataset_id, state, idempotency_key, file_sha256, file_name, file_bytes, as_of, embargo_until,
  submitted_by, actor, submitted_at, checks, mode, notes_fa, notes_en
)
values (
  $1::text, $2::bigint, $3::bigint, $4::text, $5::text, $6::text, $7::text, $8::bigint, $9::date, $10::timestamptz,
  $11::bigint, $12::text, case when $4::text = 'draft' then null else now() end, case when $4::text = 'draft' then 0 else 1 end,
  $13::text, $14::text, $15::text
)
on conflict (agency_id, idempotency_key) do nothing
returning id
