-- Declares dead every worker whose heartbeat is older than $1 seconds; its row lock waits for grants under way.
update gsb.worker
set fenced_at = now()
where fenced_at is null and heartbeat_at < now() - make_interval(secs => $1::float8)
returning boot_id
