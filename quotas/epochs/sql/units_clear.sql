-- An epoch begins here with nothing of an earlier one, and after one that went elsewhere nothing is kept.
with slots as (
  delete from gsb.window_slots where organisation_id = any($1::bigint[])
)
delete from gsb.window_units where organisation_id = any($1::bigint[])
