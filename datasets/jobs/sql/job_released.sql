-- The job's end, in the transaction of its release; nothing comes back when the job has passed to another holder.
update gsb.job
set
  state = 'released',
  stage = 'done',
  release_id = $3::bigint,
  rows_done = (select row_count from gsb.release where id = $3::bigint),
  bytes_done = file_bytes,
  bytes_total = file_bytes,
  report = $4::jsonb,
  lease_until = null,
  finished_at = now()
where id = $1::text and attempts = $2::int and state = 'running'
returning id
