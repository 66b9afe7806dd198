-- A job by its id or by its agency's idempotency key; at most one row either way.
select
  job.id, job.agency_id, job.dataset_id, agency.slug as agency, dataset.slug as dataset, job.file_sha256,
  job.file_name, job.file_bytes, job.as_of, job.mode, job.actor, job.state, job.stage, job.rows_done, job.bytes_done,
  job.bytes_total, job.attempts, release.seq as release_seq, job.report, job.error, job.created_at, job.finished_at,
  job.purpose, job.submission_id, job.lost_leases, job.notes_fa, job.notes_en,
  (select min(version) from gsb.registry_entry where release_id = job.release_id) as version
from gsb.job as job
join gsb.agency as agency on agency.id = job.agency_id
join gsb.dataset as dataset on dataset.id = job.dataset_id
left join gsb.release as release on release.id = job.release_id
where job.id = $1::text or (job.agency_id = $2::bigint and job.idempotency_key = $3::text)
