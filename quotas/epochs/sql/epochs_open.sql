-- Lets the epochs be granted from; not one that somebody has replaced meanwhile. What was told for it is not needed again.
with opened as (
  update gsb.window_epoch e
  set is_open = true
  from unnest($1::bigint[], $2::bigint[]) as filled (organisation_id, epoch)
  where e.organisation_id = filled.organisation_id and e.epoch = filled.epoch
  returning e.organisation_id, e.epoch
),
told as (
  delete from gsb.window_seed s
  using opened
  where s.organisation_id = opened.organisation_id and s.epoch between 1 and opened.epoch
)
select organisation_id, epoch from opened
