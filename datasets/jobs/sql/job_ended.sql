-- The end of a job that released nothing: refused by its report, or failed for another reason.
update gsb.job
set
  state = $3::text, stage = 'done', report = $4::jsonb, error = $5::jsonb, lease_until = null, finished_at = now()
where id = $1::text and attempts = $2::int and state = 'running'
returning id
