-- One message, told after commit or never; the order of ids is not the order of commits, and nobody relies on it.
insert into gsb.outbox (kind, payload, organisation_id, agency_id)
values ($1::text, $2::jsonb, $3::bigint, $4::bigint)
returning id
