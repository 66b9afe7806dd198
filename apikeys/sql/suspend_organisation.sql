-- Organisation $1 is suspended for reason $2; its plan is kept for the day it comes back.
update gsb.organisation
set state = 'suspended', suspended_reason = $2::text
where id = $1::bigint
returning id, name, kind, plan, state, suspended_reason, created_at
