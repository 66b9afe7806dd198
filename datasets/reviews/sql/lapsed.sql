-- Approved submissions whose dataset has another contract by now, or that were approved under other rules than $1, or as
-- changes to another release than the current one.
select s.id
from gsb.submission as s
join gsb.dataset as dataset on dataset.id = s.dataset_id
where s.state = 'approved'
  and (
    s.approved_contract_id <> coalesce(dataset.next_contract_id, dataset.contract_id)
    or s.approved_gate_version <> $1::text
    or (s.mode <> 'full' and s.base_id is distinct from (
      select release_id from gsb.registry_entry where dataset_id = s.dataset_id order by version desc limit 1
    ))
  )
order by s.id
