-- Active grants that end within $2 days from $1 and may not have been told so, soonest first, locked; at most $3.
-- A grant that another process is telling of is passed over.
select g.id, g.request_id, g.organisation_id, a.slug as agency, d.slug as dataset, g.ends_at, g.warned_days
from gsb.data_grant as g
join gsb.dataset as d on d.id = g.dataset_id
join gsb.agency as a on a.id = d.agency_id
where g.state = 'active'
and g.ends_at > $1::timestamptz
and g.ends_at <= $1::timestamptz + $2::integer * interval '1 day'
and (
  g.warned_days is null
  or exists (
    select from unnest($4::integer[]) as days
    where days < g.warned_days
    and g.ends_at <= $1::timestamptz + days * interval '1 day'
  )
)
order by g.ends_at, g.id
limit $3::integer
for no key update of g skip locked
