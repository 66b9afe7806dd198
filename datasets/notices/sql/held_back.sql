-- What decides whether contract $2 may take effect on dataset $1 by a release: the contract in effect, whether rows were
-- ever released, whether an operator lets it, who declared it, and what was announced. One row, none while no contract is
-- in effect.
select
  served.document as served_document,
  exists (select from gsb.release where dataset_id = dataset.id) as is_released,
  exists (select from gsb.contract_override where contract_id = $2::bigint) as is_overridden,
  (select declared_by from gsb.contract where id = $2::bigint) as declared_by,
  (
    select agency.slug || '/' || successor.slug
    from gsb.contract_notice as notice
    join gsb.dataset as successor on successor.id = notice.successor_id
    join gsb.agency as agency on agency.id = successor.agency_id
    where notice.dataset_id = dataset.id and notice.ended_at is null
  ) as successor
from gsb.dataset as dataset
join gsb.contract as served on served.id = dataset.contract_id
where dataset.id = $1::bigint
