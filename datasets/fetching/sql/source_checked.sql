-- A check went well: $6 is the job of a file that was new, null when there was none.
update gsb.source
set
  etag = $2::text,
  last_modified = $3::text,
  file_sha256 = coalesce($4::text, file_sha256),
  due_at = now() + make_interval(secs => $5::float8),
  job_id = coalesce($6::text, job_id),
  changes = changes + case when $6::text is null then 0 else 1 end,
  checked_at = now(),
  error = null,
  failures = 0
where dataset_id = $1::bigint
