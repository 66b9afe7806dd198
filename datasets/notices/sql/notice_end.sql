-- The open notice of dataset $1 is over: it was ended, or stays after all.
update gsb.contract_notice set ended_at = now() where dataset_id = $1::bigint and ended_at is null
