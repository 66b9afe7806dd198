-- The file that has waited longest, and nobody else's for $1 seconds; at most one row.
update gsb.validation
set try_at = now() + make_interval(secs => $1::float8)
where id = (
  select id from gsb.validation
  where state = 'queued' and try_at <= now()
  order by created_at, id
  limit 1
  for update skip locked
)
returning id
