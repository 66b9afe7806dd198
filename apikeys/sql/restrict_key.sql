-- Key $1 is held to datasets $2, levels $3 and networks $4 from now on (null: not restricted in this way) and ends at $5.
update gsb.api_key as k
set datasets = $2::text[], levels = $3::text[], networks = $4::cidr[], expires_at = $5::timestamptz
where k.id = $1::text
returning
  k.id, k.kind, k.application_id, k.agency_id, k.label, k.hint, k.state, k.created_at, k.expires_at,
  k.retire_at, k.revoked_at, k.revoked_reason, k.last_used_at,
  k.origin_id, k.datasets, k.levels, k.networks, k.replaced_at
