-- Live processes that have not yet acknowledged event $1, and how many are alive; a process whose heartbeat is older
-- than its own fence (2 s) has stopped trusting what it remembers, so it counts as told. A new registry version counts
-- as acknowledged where it is read from: a worker on a streaming replica may have heard of it and not see it yet.
select
  count(*) filter (
    where seen_seq < $1::bigint
      or (seen_registry > 0 and seen_registry < (
        select (payload ->> 'version')::bigint from gsb.event where seq = $1::bigint and kind = 'registry'
      ))
  ) as behind,
  count(*) as alive
from gsb.worker
where fenced_at is null and heartbeat_at > now() - interval '2.5 seconds'
