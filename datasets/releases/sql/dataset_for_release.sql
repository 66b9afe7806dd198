-- A dataset by its two slugs with the contract its next release is under and the one it answers by; at most one row.
select
  dataset.id,
  dataset.state,
  coalesce(dataset.next_contract_id, dataset.contract_id) as contract_id,
  contract.document as contract_document,
  dataset.contract_id as served_contract_id,
  agency.review = 'required' as needs_review,
  (select coalesce(max(seq), 0) + 1 from gsb.release where dataset_id = dataset.id) as next_seq
from gsb.dataset as dataset
join gsb.agency as agency on agency.id = dataset.agency_id
join gsb.contract as contract on contract.id = coalesce(dataset.next_contract_id, dataset.contract_id)
where agency.slug = $1::text and dataset.slug = $2::text
