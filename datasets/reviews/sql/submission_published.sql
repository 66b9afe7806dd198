-- In the transaction of its release: nothing comes back when it is no longer approved, or for another contract or gate.
update gsb.submission
set state = 'published', release_id = $2::bigint, ended_at = now()
where id = $1::text
  and state = 'approved'
  and approved_gate_version = $3::text
  and approved_contract_id = (select contract_id from gsb.release where id = $2::bigint)
returning id
