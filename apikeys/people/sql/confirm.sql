-- The address of organisation $1 is confirmed at $2; the first moment stays. Returns what was before.
with before as (
  select id, email_confirmed_at from gsb.organisation where id = $1::bigint for no key update
)
update gsb.organisation as o
set email_confirmed_at = coalesce(o.email_confirmed_at, $2::timestamptz)
from before
where o.id = before.id
returning before.email_confirmed_at
