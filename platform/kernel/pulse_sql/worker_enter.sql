-- A process enters with the newest event number: what it loads from now on already includes all earlier events.
insert into gsb.worker (boot_id, kind, pid, host, seen_seq)
select $1::uuid, $2::text, $3::int, $4::text, seq from gsb.event_clock
returning seen_seq
