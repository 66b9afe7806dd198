-- Key $1 works no more; the first reason and moment stay.
update gsb.api_key as k
set state = 'revoked',
  revoked_at = coalesce(k.revoked_at, $2::timestamptz),
  revoked_reason = coalesce(k.revoked_reason, $3::text)
where k.id = $1::text
returning
  k.id, k.kind, k.application_id, k.agency_id, k.label, k.hint, k.state, k.created_at, k.expires_at,
  k.retire_at, k.revoked_at, k.revoked_reason, k.last_used_at,
  k.origin_id, k.datasets, k.levels, k.networks, k.replaced_at
