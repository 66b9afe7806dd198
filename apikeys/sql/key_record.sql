-- Everything that decides whether key $1 lets a request in, as one row from one snapshot; primary keys all the way.
select
  k.id, k.kind, k.person_id, k.agency_id, k.application_id, k.digest, k.pepper_version, k.state, k.expires_at,
  k.retire_at, k.replaced_at, k.datasets, k.levels, k.networks,
  o.id as organisation_id, o.plan, o.state as organisation_state, p.role
from gsb.api_key as k
join gsb.person as p on p.id = k.person_id
left join gsb.application as a on a.id = k.application_id
left join gsb.organisation as o on o.id = a.organisation_id
where k.id = $1::text
