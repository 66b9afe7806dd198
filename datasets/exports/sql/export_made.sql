-- The files of release $1 are complete; its parts are inserted in the same transaction. Nothing comes back when they
-- were made before.
insert into gsb.export (release_id, made_at, csv_bytes, csv_sha256, csv_bom_sha256)
values ($1::bigint, clock_timestamp(), $2::bigint, $3::text, $4::text)
on conflict (release_id) do update
set
  made_at = excluded.made_at,
  csv_bytes = excluded.csv_bytes,
  csv_sha256 = excluded.csv_sha256,
  csv_bom_sha256 = excluded.csv_bom_sha256,
  try_at = null,
  error = null
where export.made_at is null
returning made_at
