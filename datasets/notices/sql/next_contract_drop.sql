-- What was declared as the next contract of dataset $1 has become a dataset of its own.
update gsb.dataset set next_contract_id = null where id = $1::bigint
