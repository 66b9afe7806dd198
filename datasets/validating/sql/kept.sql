-- How many validations of agency $1 hold a file, and how many there are at all. One row.
select count(*) filter (where state = 'queued') as queued, count(*) as kept
from gsb.validation
where agency_id = $1::bigint
