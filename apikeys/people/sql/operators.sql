-- The operators who were not removed, oldest first.
select id, name, email, role, created_at, account
from gsb.person
where role = 'operator' and removed_at is null
order by id
