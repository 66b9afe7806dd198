-- The keys in $1 were used in hour $2; rows that another process is writing for the same hour are left to it.
update gsb.api_key as k
set last_used_at = $2::timestamptz
from (
  select id
  from gsb.api_key
  where id = any($1::text[])
  and (last_used_at is null or last_used_at < $2::timestamptz)
  order by id
  for no key update skip locked
) as due
where k.id = due.id
