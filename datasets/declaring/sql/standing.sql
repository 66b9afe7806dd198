-- How dataset $2 of agency $1 stands: its newest declared contract, the one in effect, and whether rows were ever released;
-- all three null or false of one that is not declared. And of the agency whether its releases are reviewed, and how many
-- of its datasets have never been released. One row.
select
  agency.review = 'required' as needs_review,
  (
    select count(*)
    from gsb.dataset as other
    where other.agency_id = agency.id and not exists (select from gsb.release where dataset_id = other.id)
  ) as unreleased,
  dataset.id as dataset_id,
  declared.document as declared,
  served.document as served,
  exists (select from gsb.release where dataset_id = dataset.id) as is_released
from gsb.agency as agency
left join gsb.dataset as dataset on dataset.agency_id = agency.id and dataset.slug = $2::text
left join gsb.contract as declared on declared.id = coalesce(dataset.next_contract_id, dataset.contract_id)
left join gsb.contract as served on served.id = dataset.contract_id
where agency.id = $1::bigint
