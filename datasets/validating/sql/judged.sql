-- What was found, unless it has come to its end.
update gsb.validation
set state = $2::text, report = $3::jsonb, review = $4::jsonb, finished_at = now()
where id = $1::text and state = 'queued'
