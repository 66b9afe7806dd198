-- Everything that decides whether key $1 lets a request in, and to what restricted data, as one row from one snapshot;
-- primary keys all the way, and the index of active grants. Only a live key has rights to restricted data.
select
  k.id, k.kind, k.person_id, k.agency_id, k.application_id, k.digest, k.pepper_version, k.state, k.expires_at,
  k.retire_at, k.replaced_at, k.datasets, k.levels, k.networks,
  o.id as organisation_id, o.plan, o.state as organisation_state, o.suspended_reason, p.role,
  (
    select json_agg(json_build_array(n.slug, d.slug, g.fields, extract(epoch from g.ends_at)))
    from gsb.data_grant as g
    join gsb.dataset as d on d.id = g.dataset_id
    join gsb.agency as n on n.id = d.agency_id
    where k.kind = 'gsbl'
    and g.organisation_id = o.id
    and g.state = 'active'
  ) as granted
from gsb.api_key as k
join gsb.person as p on p.id = k.person_id
left join gsb.application as a on a.id = k.application_id
left join gsb.organisation as o on o.id = a.organisation_id
where k.id = $1::text
