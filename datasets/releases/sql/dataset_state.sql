-- Withdrawn with its reason, by whom and on which ground; or active, without any of them.
update gsb.dataset
set
  state = $2::text,
  withdrawn_fa = $3::text,
  withdrawn_en = $4::text,
  withdrawn_by = $5::text,
  withdrawn_ground = $6::text,
  withdrawn_at = case when $2::text = 'withdrawn' then now() end
where id = $1::bigint
