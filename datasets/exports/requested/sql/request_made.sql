-- The files of request $1 are complete.
update gsb.export_request
set state = 'made', parts = $2::jsonb, error = null, finished_at = now()
where id = $1::text and state = 'queued'
returning id
