-- At most one row, by the id.
select
  request.id, request.agency_id, agency.slug as agency, request.dataset, request.file_name, request.file_sha256,
  request.file_bytes, request.state, request.proposal, request.yaml, request.error, request.created_at, request.finished_at
from gsb.draft_request as request
join gsb.agency as agency on agency.id = request.agency_id
where request.id = $1::text
