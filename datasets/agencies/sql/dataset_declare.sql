-- Declares contract $2: at once, or as the next release's if it waits ($3); the one in effect already declares nothing.
update gsb.dataset
set
  contract_id = case when $3::boolean then contract_id else $2::bigint end,
  next_contract_id = case when $3::boolean then nullif($2::bigint, contract_id) end
where id = $1::bigint
