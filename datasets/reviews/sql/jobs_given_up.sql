-- The jobs of submission $1 that nobody has begun are not begun any more.
update gsb.job
set state = 'failed', stage = 'done', lease_until = null, finished_at = now(), error = $2::jsonb
where submission_id = $1::text and state = 'queued'
