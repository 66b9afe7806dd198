-- How many processes that may still grant have not yet heard event $1: those whose last word is younger than $2 seconds.
-- The jobs process grants nothing.
select count(*)
from gsb.worker
where fenced_at is null
  and kind <> 'jobs'
  and seen_seq < $1::bigint
  and heartbeat_at > now() - make_interval(secs => $2::float8)
