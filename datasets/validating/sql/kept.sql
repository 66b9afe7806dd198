-- Of agency $1: how many validations hold a file, how many are kept, and in how many seconds the first of them is not.
-- One row. Kept for $2 seconds once they are finished, and for $3 while they wait for a file; null: none is to end yet.
select
  count(*) filter (where state = 'queued') as queued,
  count(*) filter (where ends_at is null or ends_at > now()) as kept,
  extract(epoch from min(ends_at) filter (where ends_at > now()) - now())::float8 as frees_seconds
from (
  select
    state,
    case
      when state = 'waiting' then created_at + make_interval(secs => $3::float8)
      else finished_at + make_interval(secs => $2::float8)
    end as ends_at
  from gsb.validation
  where agency_id = $1::bigint
) as validation
