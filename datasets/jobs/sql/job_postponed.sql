-- Back to the queue for $3 seconds; an attempt that could not begin ($4) does not count.
update gsb.job
set
  state = 'queued',
  stage = 'queued',
  attempts = attempts - $4::int,
  lease_until = now() + make_interval(secs => $3::float8)
where id = $1::text and attempts = $2::int and state = 'running'
returning id
