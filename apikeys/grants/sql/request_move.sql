-- Request $1 stands at state $2, at version $3 of which version $4 was handed in; the first time is kept.
update gsb.grant_request
set state = $2::text,
  version = $3::integer,
  submitted_version = $4::integer,
  submitted_at = case when $4::integer is null then null else coalesce(submitted_at, $5::timestamptz) end,
  changed_at = $5::timestamptz
where id = $1::bigint
