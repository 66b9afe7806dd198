-- Why there is no proposal, unless the request has come to its end.
update gsb.draft_request
set state = 'failed', error = $2::jsonb, finished_at = now()
where id = $1::text and state = 'queued'
