-- Deprecated from now (or from when it was first) until $2, for the reasons $4 and $5, in favour of dataset $3; a null date
-- takes all of it back.
update gsb.dataset
set
  deprecated_at = case when $2::date is null then null else coalesce(deprecated_at, now()) end,
  sunset_on = $2::date,
  successor_id = $3::bigint,
  deprecated_fa = $4::text,
  deprecated_en = $5::text
where id = $1::bigint
