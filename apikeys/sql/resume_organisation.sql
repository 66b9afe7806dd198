-- Organisation $1 is active again, on the plan it had.
update gsb.organisation
set state = 'active', suspended_reason = null
where id = $1::bigint
returning id, name, kind, plan, state, suspended_reason, created_at
