-- One attempt more at request $1, by whom its lock is held; its number comes back, unless the request has come to its end.
update gsb.draft_request
set attempts = attempts + 1
where id = $1::text and state = 'queued'
returning attempts
