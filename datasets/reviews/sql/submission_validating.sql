-- To be checked (again): what an earlier check found and what was decided on it no longer stands.
update gsb.submission
set
  state = 'validating', submitted_at = coalesce(submitted_at, now()), checks = checks + 1,
  contract_id = null, gate_version = null, base_id = null, report = null, review = null, error = null, in_review_at = null,
  reminded_at = null, decided_by = null, decided_at = null, reason = $2::text,
  approved_sha256 = null, approved_contract_id = null, approved_gate_version = null
where id = $1::text
returning checks
