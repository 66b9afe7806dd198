-- What was said on a removed request goes with it.
update gsb.data_request_step set message = null where request_id = $1::bigint
