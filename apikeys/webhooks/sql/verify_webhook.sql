-- Webhook $1 answered a ping at address $2, which is still its own: it gets messages from now on.
update gsb.webhook
set state = 'active', disabled_reason = null, verified_at = now(), failing_since = null, failures = 0, held_until = null
where id = $1::bigint
and url = $2::text
returning
  id, organisation_id, agency_id, label, url, kinds, state, disabled_reason, salt, secret_check, previous_salt,
  previous_until, verified_at, last_success_at, failing_since, failures, created_at
