-- How many steps organisation $1 has taken since $2, counted up to $3; by the index of its days.
select count(*)
from (
  select from gsb.grant_step
  where organisation_id = $1::bigint
  and party = 'applicant'
  and at > $2::timestamptz
  limit $3::integer
) as taken
