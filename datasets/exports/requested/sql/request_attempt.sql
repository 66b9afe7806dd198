-- One attempt more at request $1, and none by anybody else for a moment; its number comes back.
update gsb.export_request
set attempts = attempts + 1, try_at = now() + make_interval(secs => $2::float8)
where id = $1::text and state = 'queued'
returning attempts
