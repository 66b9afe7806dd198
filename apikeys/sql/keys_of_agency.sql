-- All keys of agency $1, newest first; the id makes the order total.
select
  k.id, k.kind, k.application_id, k.agency_id, k.label, k.hint, k.state, k.created_at, k.expires_at,
  k.retire_at, k.revoked_at, k.revoked_reason, k.last_used_at,
  k.origin_id, k.datasets, k.levels, k.networks, k.replaced_at
from gsb.api_key as k
where k.agency_id = $1::bigint
order by k.created_at desc, k.id
