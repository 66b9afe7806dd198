-- A request by its id or by its account's idempotency key; at most one row either way.
select
  request.id, request.organisation_id, request.application_id, request.key_id, agency.slug as agency,
  dataset.slug as dataset, release.seq, request.release_id, request.format, request.fields, request.conditions,
  request.state, request.attempts, request.parts, request.error, request.created_at, request.finished_at
from gsb.export_request as request
join gsb.dataset as dataset on dataset.id = request.dataset_id
join gsb.agency as agency on agency.id = dataset.agency_id
join gsb.release as release on release.id = request.release_id
where request.id = $1::text
  or (request.organisation_id, request.application_id, request.idempotency_key) = ($2::bigint, $3::bigint, $4::text)
