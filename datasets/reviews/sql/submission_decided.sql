-- Approved, with what the approval is bound to and who declared a contract that takes effect by it, or sent back with the
-- reason.
update gsb.submission
set
  state = $2::text, decided_by = $3::bigint, decided_at = now(), reason = $4::text,
  approved_sha256 = case when $2::text = 'approved' then file_sha256 end,
  approved_contract_id = case when $2::text = 'approved' then contract_id end,
  approved_gate_version = case when $2::text = 'approved' then gate_version end,
  contract_by = (
    select contract.declared_by
    from gsb.contract as contract
    where contract.id = submission.contract_id
      and not exists (select from gsb.release where contract_id = contract.id)
  ),
  ended_at = case when $2::text = 'sent_back' then now() end
where id = $1::text
