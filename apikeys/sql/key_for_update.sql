-- Key $1, locked until the end of the transaction; with $2 not null only when it belongs to that organisation.
select
  k.id, k.kind, k.application_id, k.agency_id, k.label, k.hint, k.state, k.created_at, k.expires_at,
  k.retire_at, k.revoked_at, k.revoked_reason, k.last_used_at,
  k.origin_id, k.datasets, k.levels, k.networks, k.replaced_at
from gsb.api_key as k
left join gsb.application as a on a.id = k.application_id
where k.id = $1::text
and ($2::bigint is null or a.organisation_id = $2::bigint)
for no key update of k
