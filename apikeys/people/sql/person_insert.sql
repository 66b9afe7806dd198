-- One new person of organisation $3 with role $4.
insert into gsb.person (name, email, organisation_id, role)
values ($1::text, $2::text, $3::bigint, $4::text)
returning id, name, email, role, created_at, account, token_generation
