-- Keys that person $1 asked for, or that name them, and that are not revoked; locked until the end of the transaction.
select
  k.id, k.kind, k.application_id, k.agency_id, k.label, k.hint, k.state, k.created_at, k.expires_at,
  k.retire_at, k.revoked_at, k.revoked_reason, k.last_used_at,
  k.origin_id, k.datasets, k.levels, k.networks, k.replaced_at
from gsb.api_key as k
where k.person_id = $1::bigint and k.state <> 'revoked'
order by k.id
for no key update
