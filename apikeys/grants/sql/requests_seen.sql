-- The requests that were handed in for the datasets of agency $1 (null: of all), or those of them in state $2, newest
-- first, those before request $3, at most $4. A reopening that is a draft yet is not the agency's to know of.
select
  r.id, r.organisation_id, o.name as organisation, a.id as agency_id, a.slug as agency, d.id as dataset_id,
  d.slug as dataset, r.state, r.version, r.submitted_version, r.opened_at, r.submitted_at, r.changed_at,
  c.version as content_version, c.fields, c.purpose, c.legal_basis, c.contact, c.responsible, c.days,
  g.id as grant_id, g.version as grant_version, g.state as grant_state, g.fields as grant_fields, g.begins_at, g.ends_at,
  g.ended_at, g.revoked_reason
from gsb.grant_request as r
join gsb.organisation as o on o.id = r.organisation_id
join gsb.dataset as d on d.id = r.dataset_id
join gsb.agency as a on a.id = d.agency_id
join gsb.grant_content as c on c.request_id = r.id and c.version = r.submitted_version
left join lateral (
  select * from gsb.data_grant where request_id = r.id order by id desc limit 1
) as g on true
where ($1::bigint is null or d.agency_id = $1::bigint)
and ($2::text is null or $2::text = case when r.state = 'draft' then 'validated' else r.state end)
and ($3::bigint is null or r.id < $3::bigint)
order by r.id desc
limit $4::integer
