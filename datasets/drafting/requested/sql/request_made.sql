-- The proposal, unless the request has come to its end.
update gsb.draft_request
set state = 'made', proposal = $2::json, yaml = $3::text, finished_at = now()
where id = $1::text and state = 'queued'
