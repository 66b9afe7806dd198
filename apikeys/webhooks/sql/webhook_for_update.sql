-- Webhook $1, locked until the end of the transaction; with $2 or $3 not null only when it belongs to that holder.
select
  id, organisation_id, agency_id, label, url, kinds, state, disabled_reason, salt, secret_check, previous_salt,
  previous_until, verified_at, last_success_at, failing_since, failures, created_at
from gsb.webhook
where id = $1::bigint
and ($2::bigint is null or organisation_id = $2::bigint)
and ($3::bigint is null or agency_id = $3::bigint)
for no key update
