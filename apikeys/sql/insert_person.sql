-- One new person of an organisation.
insert into gsb.person (name, email, organisation_id, role)
values ($1::text, $2::text, $3::bigint, $4::text)
returning id, token_generation
