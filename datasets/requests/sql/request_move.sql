-- Into state $2 at $3; with a first answer ($4: working days) the clock has its figure.
update gsb.data_request
set
  state = $2::text,
  changed_at = $3::timestamptz,
  answered_at = coalesce(answered_at, case when $4::integer is not null then $3 end),
  answered_working_days = coalesce(answered_working_days, $4)
where id = $1::bigint
