-- Current releases of which nothing was counted, with what their report says of the file; at most $1.
select release.id, agency.slug as agency, dataset.slug as dataset, release.report
from gsb.dataset as dataset
join gsb.agency as agency on agency.id = dataset.agency_id
join lateral (
  select release_id from gsb.registry_entry where dataset_id = dataset.id order by version desc limit 1
) as entry on true
join gsb.release as release on release.id = entry.release_id
where dataset.state = 'active' and release.state = 'published' and release.quality is null
order by release.id
limit $1::int
