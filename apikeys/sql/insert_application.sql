-- One new application of an organisation.
insert into gsb.application (organisation_id, name)
values ($1::bigint, $2::text)
returning id, organisation_id, name
