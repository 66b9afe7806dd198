-- Live processes that have not yet acknowledged event $1, and how many are alive; a process whose heartbeat is older
-- than its own fence (2 s) has stopped trusting what it remembers, so it counts as told.
select
  count(*) filter (where seen_seq < $1::bigint) as behind,
  count(*) as alive
from gsb.worker
where fenced_at is null and heartbeat_at > now() - interval '2.5 seconds'
