-- The keys among $1 that are not revoked yet, with whom to tell; locked in the order of their ids, so two calls never deadlock.
select
  k.id, k.kind, k.application_id, k.agency_id, k.label, k.hint, k.state, k.created_at, k.expires_at,
  k.retire_at, k.revoked_at, k.revoked_reason, k.last_used_at,
  k.origin_id, k.datasets, k.levels, k.networks, k.replaced_at,
  k.digest, k.pepper_version, p.name as person_name, p.email
from gsb.api_key as k
join gsb.person as p on p.id = k.person_id
where k.id = any($1::text[])
and k.state <> 'revoked'
order by k.id
for no key update of k
