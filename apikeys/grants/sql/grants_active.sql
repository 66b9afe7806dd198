-- The active grants of organisation $1 with their datasets, expired ones too: for its own account.
select a.slug as agency, d.slug as dataset, g.fields, g.state, g.begins_at, g.ends_at, g.id, g.version, g.ended_at,
  g.revoked_reason
from gsb.data_grant as g
join gsb.dataset as d on d.id = g.dataset_id
join gsb.agency as a on a.id = d.agency_id
where g.organisation_id = $1::bigint
and g.state = 'active'
order by a.slug, d.slug, g.id
