-- The source of dataset $1, new or changed; another address forgets what was known of the old one.
insert into gsb.source as known (dataset_id, url, mode, every_seconds)
values ($1::bigint, $2::text, $3::text, $4::bigint)
on conflict (dataset_id) do update set
  url = excluded.url,
  mode = excluded.mode,
  every_seconds = excluded.every_seconds,
  etag = case when known.url = excluded.url then known.etag end,
  last_modified = case when known.url = excluded.url then known.last_modified end,
  file_sha256 = case when known.url = excluded.url then known.file_sha256 end,
  due_at = now(),
  error = null,
  failures = 0
