-- A new notice; unique for an open one of the same dataset. Who declared the contract ($10) is not who announces it ($9).
insert into gsb.contract_notice (
  dataset_id, successor_id, major, breaks, touched, actor, earliest_on, beside_days, announced_by, contract_by
)
values ($1::bigint, $2::bigint, $3::int, $4::text[], $5::text[], $6::text, $7::date, $8::int, $9::bigint, $10::bigint)
returning id
