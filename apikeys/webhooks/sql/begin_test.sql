-- True when webhook $1 was not pinged within the last $2 seconds, and from now on it was.
update gsb.webhook
set tested_at = now()
where id = $1::bigint
and (tested_at is null or tested_at <= now() - make_interval(secs => $2::float8))
returning true
