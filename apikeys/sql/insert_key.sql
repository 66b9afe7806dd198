-- One new active key; the primary key refuses an id that exists.
insert into gsb.api_key as k
  (id, kind, application_id, agency_id, person_id, digest, pepper_version, hint, label, created_at, expires_at,
   origin_id, datasets, levels, networks)
values
  ($1::text, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::bytea, $7::int, $8::text, $9::text, $10::timestamptz, $11::timestamptz,
   $12::text, $13::text[], $14::text[], $15::cidr[])
returning
  k.id, k.kind, k.application_id, k.agency_id, k.label, k.hint, k.state, k.created_at, k.expires_at,
  k.retire_at, k.revoked_at, k.revoked_reason, k.last_used_at,
  k.origin_id, k.datasets, k.levels, k.networks, k.replaced_at
