-- Withdrawn with its reason, or active without one.
update gsb.dataset
set
  state = $2::text,
  withdrawn_fa = $3::text,
  withdrawn_en = $4::text,
  withdrawn_at = case when $2::text = 'withdrawn' then now() end
where id = $1::bigint
