-- A new published release; unique (dataset_id, seq) holds because the dataset's lock is held.
insert into gsb.release (
  dataset_id, contract_id, seq, table_name, columns, row_count, sha256, as_of, actor, report, suppressed_cells,
  change_kind, added_count, replaced_count, notes_fa, notes_en
)
values (
  $1::bigint, $2::bigint, $3::int, $4::text, $5::text[], $6::bigint, $7::text, $8::date, $9::text, $10::jsonb, $11::bigint,
  $12::text, $13::bigint, $14::bigint, $15::text, $16::text
)
returning id, published_at
