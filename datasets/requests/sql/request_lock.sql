-- Until the transaction ends nobody else decides on it.
select id from gsb.data_request where id = $1::bigint for update
