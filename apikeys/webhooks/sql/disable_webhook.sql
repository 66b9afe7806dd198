-- Webhook $1 gets nothing any more; the first reason stays.
update gsb.webhook
set state = 'disabled', disabled_reason = coalesce(disabled_reason, $2::text)
where id = $1::bigint
returning
  id, organisation_id, agency_id, label, url, kinds, state, disabled_reason, salt, secret_check, previous_salt,
  previous_until, verified_at, last_success_at, failing_since, failures, created_at
