-- Submissions by id ($1), by their agency's idempotency key ($3), or all of an agency ($2) with states in $4 (null: any),
-- newest first, at most $5; with what was found of them if $6, which may be long. The index submission_of_agency serves
-- the list.
select
  s.id, s.agency_id, s.dataset_id, agency.slug as agency, dataset.slug as dataset, s.state, s.file_sha256, s.file_name,
  s.file_bytes, s.as_of, s.mode, s.embargo_until, s.submitted_by, coalesce(submitter.name, s.actor) as submitter, s.actor, s.created_at,
  s.submitted_at, s.checks, s.contract_id, checked.sha256 as contract_sha256, checked.version as contract_version,
  s.gate_version, case when $6::boolean then s.report end as report, case when $6::boolean then s.review end as review,
  s.error, s.in_review_at, s.reminded_at, s.decided_by, decider.name as decider,
  s.decided_at, s.reason, s.approved_sha256, s.approved_contract_id, approved.sha256 as approved_contract_sha256,
  s.approved_gate_version, present.id as now_id, present.sha256 as now_sha256, present.version as now_version,
  (select job.id from gsb.job as job where job.submission_id = s.id order by job.created_at desc limit 1) as job_id,
  release.seq as release_seq, release.state as release_state,
  coalesce(release.id = (
    select release_id from gsb.registry_entry where dataset_id = s.dataset_id order by version desc limit 1
  ), false) as is_current,
  s.base_id,
  (select release_id from gsb.registry_entry where dataset_id = s.dataset_id order by version desc limit 1) as current_id,
  agency.deputy_id, s.ended_at, s.notes_fa, s.notes_en,
  (
    select max(version) from gsb.registry_entry where s.release_id is not null and dataset_id = s.dataset_id
  ) as version
from gsb.submission as s
join gsb.agency as agency on agency.id = s.agency_id
join gsb.dataset as dataset on dataset.id = s.dataset_id
join gsb.contract as present on present.id = coalesce(dataset.next_contract_id, dataset.contract_id)
left join gsb.person as submitter on submitter.id = s.submitted_by
left join gsb.person as decider on decider.id = s.decided_by
left join gsb.contract as checked on checked.id = s.contract_id
left join gsb.contract as approved on approved.id = s.approved_contract_id
left join gsb.release as release on release.id = s.release_id
where ($1::text is null or s.id = $1::text)
  and ($2::bigint is null or s.agency_id = $2::bigint)
  and ($3::text is null or s.idempotency_key = $3::text)
  and ($4::text[] is null or s.state = any($4::text[]))
order by s.created_at desc, s.id
limit $5::int
