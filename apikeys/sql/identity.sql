-- Key $1 with the names behind it, from one snapshot.
select
  k.id, k.kind, k.application_id, k.agency_id, k.label, k.hint, k.state, k.created_at, k.expires_at,
  k.retire_at, k.revoked_at, k.revoked_reason, k.last_used_at,
  k.origin_id, k.datasets, k.levels, k.networks, k.replaced_at,
  o.id as organisation_id, o.name as organisation_name, o.kind as organisation_kind, o.plan,
  o.state as organisation_state, o.suspended_reason, o.created_at as organisation_created_at,
  a.name as application_name, g.slug as agency_slug, p.name as person_name
from gsb.api_key as k
join gsb.person as p on p.id = k.person_id
left join gsb.application as a on a.id = k.application_id
left join gsb.organisation as o on o.id = a.organisation_id
left join gsb.agency as g on g.id = k.agency_id
where k.id = $1::text
