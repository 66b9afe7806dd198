-- Drops events that every live process has acknowledged long ago; a process that was away longer is fenced by then.
delete from gsb.event
where at < now() - interval '1 day'
  and seq <= (select coalesce(min(seen_seq), 0) from gsb.worker where fenced_at is null)
