-- The end of a job that checked a submission; nothing comes back when it has passed to another holder.
update gsb.job
set
  state = 'in_review', stage = 'done', rows_done = $3::bigint, bytes_done = file_bytes, bytes_total = file_bytes,
  report = $4::jsonb, lease_until = null, finished_at = now()
where id = $1::text and attempts = $2::int and state = 'running'
returning id
