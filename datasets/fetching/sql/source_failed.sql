-- A check failed for the reason $2 and is tried again in $3 seconds; $4 is 1 where the next file needs a new number.
update gsb.source
set
  error = $2::text,
  due_at = now() + make_interval(secs => $3::float8),
  failures = failures + 1,
  changes = changes + $4::int,
  checked_at = now()
where dataset_id = $1::bigint
