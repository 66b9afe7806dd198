-- Of agency $1: how many requests wait, how many are kept, and in how many seconds the first of them is not. One row.
-- Kept for $2 seconds once they are finished; null: none is to end yet.
select
  count(*) filter (where state = 'queued') as waiting,
  count(*) filter (where ends_at is null or ends_at > now()) as kept,
  extract(epoch from min(ends_at) filter (where ends_at > now()) - now())::float8 as frees_seconds
from (
  select state, finished_at + make_interval(secs => $2::float8) as ends_at
  from gsb.draft_request
  where agency_id = $1::bigint
) as request
