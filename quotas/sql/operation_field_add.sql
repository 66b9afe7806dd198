-- Each field that an operation reads, once.
insert into gsb.operation_field (operation_hash, dataset_id, major, field)
select $1::text, * from unnest($2::bigint[], $3::int[], $4::text[])
on conflict do nothing
