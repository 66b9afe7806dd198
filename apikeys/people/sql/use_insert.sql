-- Organisation $1 declares a public use; at most one is open at a time (unique).
insert into gsb.declared_use (organisation_id, person_id, url, description)
values ($1::bigint, $2::bigint, $3::text, $4::text)
returning id, url, description, declared_at
