-- Heartbeat and acknowledgement in one row; no row comes back when this boot id was fenced.
update gsb.worker
set heartbeat_at = now(), seen_seq = greatest(seen_seq, $2::bigint), seen_registry = greatest(seen_registry, $3::bigint)
where boot_id = $1::uuid and fenced_at is null
returning (select seq from gsb.event_clock) as newest
