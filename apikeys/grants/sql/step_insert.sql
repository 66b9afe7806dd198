-- A step of a request, in the transaction that takes it.
insert into gsb.grant_step (request_id, organisation_id, at, party, actor, step, version, message, legal_ground)
values (
  $1::bigint, $2::bigint, $3::timestamptz, $4::text, $5::text, $6::text, $7::integer, $8::text, $9::text
)
