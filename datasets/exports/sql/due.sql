-- Releases whose files are not made and may be tried now: what is current first, then the newest; at most $1.
select release.id, agency.slug as agency, dataset.slug as dataset, release.seq
from gsb.release as release
join gsb.dataset as dataset on dataset.id = release.dataset_id
join gsb.agency as agency on agency.id = dataset.agency_id
left join gsb.export as export on export.release_id = release.id
where release.state = 'published'
  and dataset.state = 'active'
  and export.made_at is null
  and (export.try_at is null or export.try_at <= now())
order by
  release.id = (
    select release_id from gsb.registry_entry where dataset_id = dataset.id order by version desc limit 1
  ) desc nulls last,
  release.id desc
limit $1::int
