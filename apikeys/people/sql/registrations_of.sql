-- After how many seconds address $1 may register once more, when it may $2 times within a day and $3 times within thirty:
-- its newest registrations beyond that, the caller's own included, must be so old by then. Null or less: now. Lock the
-- address first.
select max(extract(epoch from created_at + case place when $2::integer + 1 then interval '1 day' else interval '30 days' end - now()))
from (
  select created_at, row_number() over (order by created_at desc, id desc) as place
  from gsb.organisation
  where lower(email) = lower($1::text)
  and created_at > now() - interval '30 days'
) as newest
where place in ($2::integer + 1, $3::integer + 1)
