-- The keys among $1 that are not revoked yet, with whom to tell; locked in the order of their ids, so two calls never deadlock.
select k.id, k.digest, k.pepper_version, k.label, k.hint, p.name as person_name, p.email
from gsb.api_key as k
join gsb.person as p on p.id = k.person_id
where k.id = any($1::text[])
and k.state <> 'revoked'
order by k.id
for no key update of k
