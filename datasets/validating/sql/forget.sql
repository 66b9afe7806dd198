-- What was finished $1 seconds ago, and contracts that have waited $2 seconds for a file.
delete from gsb.validation
where finished_at < now() - make_interval(secs => $1::float8)
  or (state = 'waiting' and created_at < now() - make_interval(secs => $2::float8))
