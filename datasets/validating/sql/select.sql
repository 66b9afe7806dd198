-- At most one row, by the id.
select
  validation.id, validation.agency_id, agency.slug as agency, validation.dataset, validation.contract,
  validation.mode, validation.file_name, validation.file_sha256, validation.file_bytes, validation.state,
  validation.report, validation.review, validation.error, validation.created_at, validation.finished_at
from gsb.validation as validation
join gsb.agency as agency on agency.id = validation.agency_id
where validation.id = $1::text
