-- In the transaction of its release, once that is current: nothing comes back when it is no longer approved, or for another
-- contract or gate, or as changes to another release.
update gsb.submission
set state = 'published', release_id = $2::bigint, ended_at = now()
where id = $1::text
  and state = 'approved'
  and approved_gate_version = $3::text
  and approved_contract_id = (select contract_id from gsb.release where id = $2::bigint)
  and (mode = 'full' or base_id = (
    select release_id from gsb.registry_entry
    where dataset_id = submission.dataset_id
    order by version desc
    offset 1 limit 1
  ))
returning id
