-- The applications of organisation $1, oldest first.
select id, organisation_id, name
from gsb.application
where organisation_id = $1::bigint
order by id
