-- Who may get a new token by mail to address $1: people of active organisations, at most ten.
select p.id, p.organisation_id, o.name as organisation_name
from gsb.person as p
join gsb.organisation as o on o.id = p.organisation_id
where lower(p.email) = lower($1::text)
and p.removed_at is null
and o.state = 'active'
order by p.id
limit 10
