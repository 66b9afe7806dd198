-- Progress, and the lease with it; nothing comes back when the job has passed to another holder.
update gsb.job
set
  stage = $3::text,
  rows_done = $4::bigint,
  bytes_done = greatest(bytes_done, $5::bigint),
  bytes_total = greatest(bytes_total, $6::bigint),
  lease_until = now() + make_interval(secs => $7::float8)
where id = $1::text and attempts = $2::int and state = 'running'
returning id
