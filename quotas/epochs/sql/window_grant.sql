-- Units of every window and slots, all or nothing, exact by the row lock that the function takes first.
select gsb.window_grant(
  $1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::text[], $6::bigint[], $7::integer[], $8::integer[],
  $9::text, $10::bigint, $11::text, $12::bigint, $13::bigint, $14::bigint, $15::bigint, $16::bigint[], $17::bigint[]
)
