-- The source that is due longest, for one process: it is not due again before $1 seconds have gone.
update gsb.source as source
set due_at = now() + make_interval(secs => $1::float8)
from gsb.dataset as dataset
join gsb.agency as agency on agency.id = dataset.agency_id
where source.dataset_id = (
    select waiting.dataset_id
    from gsb.source as waiting
    join gsb.dataset as of_it on of_it.id = waiting.dataset_id
    where waiting.due_at <= now() and of_it.state = 'active'
    order by waiting.due_at
    for update of waiting skip locked
    limit 1
  )
  and dataset.id = source.dataset_id
returning
  source.dataset_id, agency.id as agency_id, agency.slug as agency, dataset.slug as dataset, source.url, source.mode,
  source.every_seconds, source.etag, source.last_modified, source.file_sha256, source.changes, source.checked_at,
  source.job_id, source.error, source.failures
