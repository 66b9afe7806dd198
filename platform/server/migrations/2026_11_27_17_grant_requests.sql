-- Requests for grants as they are shown, one row for each version of what they say, with their newest grant: whoever
-- reads picks the version, and nobody repeats the columns.
create view gsb.grant_request_told as
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
join gsb.grant_content as c on c.request_id = r.id
left join lateral (
  select * from gsb.data_grant where request_id = r.id order by id desc limit 1
) as g on true;
