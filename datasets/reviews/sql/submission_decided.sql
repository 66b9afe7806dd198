-- Approved, with what the approval is bound to, or sent back with the reason.
update gsb.submission
set
  state = $2::text, decided_by = $3::bigint, decided_at = now(), reason = $4::text,
  approved_sha256 = case when $2::text = 'approved' then file_sha256 end,
  approved_contract_id = case when $2::text = 'approved' then contract_id end,
  approved_gate_version = case when $2::text = 'approved' then gate_version end,
  ended_at = case when $2::text = 'sent_back' then now() end
where id = $1::text
