-- Replaced keys that nobody has used for $2 since they were replaced end at $1 already. A last use is known to the hour
-- it began in, so it may have been an hour later. Rows that somebody is changing are left for the next time.
update gsb.api_key as k
set retire_at = $1::timestamptz
from (
  select id, retire_at
  from gsb.api_key
  where state = 'retiring'
  and retire_at > $1::timestamptz
  and replaced_at + $2::interval <= $1::timestamptz
  and (last_used_at is null or last_used_at + interval '1 hour' + $2::interval <= $1::timestamptz)
  order by id
  for no key update skip locked
) as silent
where k.id = silent.id
returning k.id, silent.retire_at as retire_at_before, k.retire_at
