-- Every source, by the names of the datasets.
select
  source.dataset_id, agency.id as agency_id, agency.slug as agency, dataset.slug as dataset, source.url, source.mode,
  source.every_seconds, source.etag, source.last_modified, source.file_sha256, source.changes, source.checked_at,
  source.job_id, source.error, source.failures
from gsb.source as source
join gsb.dataset as dataset on dataset.id = source.dataset_id
join gsb.agency as agency on agency.id = dataset.agency_id
order by agency.slug, dataset.slug
