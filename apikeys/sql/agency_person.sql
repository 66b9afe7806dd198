-- The person of an agency with this address, made when absent; the address is unique per agency, so two callers get one.
insert into gsb.person (name, email, agency_id, role)
values ($1::text, $2::text, $3::bigint, 'publisher')
on conflict (agency_id, lower(email)) do update set name = excluded.name
returning id
