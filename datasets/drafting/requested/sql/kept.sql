-- How many requests of agency $1 wait, and how many there are at all. One row.
select count(*) filter (where state = 'queued') as waiting, count(*) as kept
from gsb.draft_request
where agency_id = $1::bigint
