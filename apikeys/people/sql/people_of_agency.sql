-- The people of agency $1 who were not removed, oldest first.
select id, name, email, role, created_at, account
from gsb.person
where agency_id = $1::bigint and removed_at is null
order by id
