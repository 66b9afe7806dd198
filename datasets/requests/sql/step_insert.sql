-- The next step; the request is locked, so numbers follow each other.
insert into gsb.data_request_step (request_id, number, state, at, by, legal_ground, message, dataset_id)
select
  $1::bigint, coalesce(max(number), 0) + 1, $2::text, $3::timestamptz, $4::text, $5::text, $6::text, $7::bigint
from gsb.data_request_step
where request_id = $1
