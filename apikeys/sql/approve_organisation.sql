-- Organisation $1 is active on plan $2, whatever it was before.
update gsb.organisation
set plan = $2::text, state = 'active', suspended_reason = null, approved_at = $3::timestamptz
where id = $1::bigint
returning id, name, kind, plan, state, suspended_reason, created_at
