-- A process enters having seen events up to $5, or up to the newest one when it remembers nothing yet: what it loads
-- from now on already includes all earlier events.
insert into gsb.worker (boot_id, kind, pid, host, seen_seq)
select $1::uuid, $2::text, $3::int, $4::text, coalesce($5::bigint, seq) from gsb.event_clock
returning seen_seq
