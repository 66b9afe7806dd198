-- One new organisation on plan `open`, active at once; names and addresses may repeat.
insert into gsb.organisation (name, email, purpose, created_at, kind)
values ($1::text, $2::text, $3::text, $4::timestamptz, $5::text)
returning id, name, kind, plan, state, suspended_reason, created_at
