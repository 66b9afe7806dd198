-- The webhooks of organisation $1 or agency $2, or all when both are null, newest first; the id makes the order total.
select
  id, organisation_id, agency_id, label, url, kinds, state, disabled_reason, salt, secret_check, previous_salt,
  previous_until, verified_at, last_success_at, failing_since, failures, created_at
from gsb.webhook
where ($1::bigint is null or organisation_id = $1::bigint)
and ($2::bigint is null or agency_id = $2::bigint)
order by id desc
