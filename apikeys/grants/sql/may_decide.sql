-- Whether person $1 decides for agency $2: one of its publishers or reviewers, who was not removed.
select exists (
  select from gsb.person
  where id = $1::bigint
  and agency_id = $2::bigint
  and role in ('publisher', 'reviewer')
  and removed_at is null
)
