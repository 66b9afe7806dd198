-- Request $1 comes to nothing, $2 says why.
update gsb.export_request
set state = 'failed', error = $2::text, finished_at = now()
where id = $1::text and state = 'queued'
returning id
