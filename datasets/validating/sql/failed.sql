-- Why nothing was found, unless it has come to its end.
update gsb.validation
set state = 'failed', error = $2::jsonb, finished_at = now()
where id = $1::text and state = 'queued'
