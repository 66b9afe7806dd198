-- Key $1 was replaced at $3; it works until $2 and not longer.
update gsb.api_key as k
set state = 'retiring', retire_at = $2::timestamptz, replaced_at = $3::timestamptz
where k.id = $1::text
returning
  k.id, k.kind, k.application_id, k.agency_id, k.label, k.hint, k.state, k.created_at, k.expires_at,
  k.retire_at, k.revoked_at, k.revoked_reason, k.last_used_at,
  k.origin_id, k.datasets, k.levels, k.networks, k.replaced_at
