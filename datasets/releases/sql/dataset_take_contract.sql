-- The released contract takes effect; true when that changes what the schema is made of. A contract declared while
-- this release was loading stays the next one.
update gsb.dataset as dataset
set
  contract_id = $2::bigint,
  next_contract_id = nullif(dataset.next_contract_id, $2::bigint)
from gsb.dataset as before
where dataset.id = $1::bigint and before.id = dataset.id
returning before.contract_id is distinct from $2::bigint
