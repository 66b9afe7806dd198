-- The people of organisation $1 who were not removed, oldest first; lock the organisation first to count its owners.
select id, name, email, role, created_at, account
from gsb.person
where organisation_id = $1::bigint and removed_at is null
order by id
