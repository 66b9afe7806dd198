-- One attempt more at $1, by whom its lock is held; its number comes back, unless it has come to its end.
update gsb.validation
set attempts = attempts + 1
where id = $1::text and state = 'queued'
returning attempts
