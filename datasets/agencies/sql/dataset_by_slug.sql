-- At most one row: the dataset with its newest declared contract and whether rows of it were ever released.
select
  dataset.id,
  contract.document,
  exists (select from gsb.release where dataset_id = dataset.id) as is_released
from gsb.dataset as dataset
left join gsb.contract as contract on contract.id = coalesce(dataset.next_contract_id, dataset.contract_id)
where dataset.agency_id = $1::bigint and dataset.slug = $2::text
