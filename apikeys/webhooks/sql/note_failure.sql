-- Webhook $1 did not take a message and asked for a pause of $2 (null: for none).
update gsb.webhook
set
  failures = failures + 1,
  failing_since = coalesce(failing_since, now()),
  held_until = greatest(held_until, clock_timestamp() + $2::interval)
where id = $1::bigint
returning
  id, organisation_id, agency_id, label, url, kinds, state, disabled_reason, salt, secret_check, previous_salt,
  previous_until, verified_at, last_success_at, failing_since, failures, created_at
