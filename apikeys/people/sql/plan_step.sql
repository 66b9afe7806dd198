-- Organisation $1 goes from plan $2 to plan $3; on any other plan it stays where it is.
update gsb.organisation
set plan = case when plan = $2::text then $3::text else plan end
where id = $1::bigint
returning id, name, kind, plan, state, suspended_reason, created_at
