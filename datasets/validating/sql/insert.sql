-- A file of agency $2 that is to be looked at, or a contract ($5) that waits for one.
insert into gsb.validation (
  id, agency_id, dataset, mode, contract, actor, file_name, file_sha256, file_bytes, state
)
values (
  $1::text, $2::bigint, $3::text, $4::text, $5::json, $6::text, $7::text, $8::text, $9::bigint,
  case when $7::text is null then 'waiting' else 'queued' end
)
