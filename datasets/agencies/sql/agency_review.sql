-- Whether agency $1 has its releases reviewed, and who stands in for its reviewers: one of its people, or nobody. What was
-- so before comes back; no row when there is no such agency or person.
update gsb.agency as agency
set review = $2::text, deputy_id = $3::bigint
from gsb.agency as before
where agency.slug = $1::text
  and before.id = agency.id
  and (
    $3::bigint is null
    or exists (select from gsb.person where id = $3::bigint and agency_id = agency.id and removed_at is null)
  )
returning before.review, before.deputy_id
