-- The oldest application of organisation $1, or its application $2; lock the organisation first to count its keys.
select id, organisation_id, name
from gsb.application
where organisation_id = $1::bigint
and ($2::bigint is null or id = $2::bigint)
order by id
limit 1
