-- Webhook $1 signs with a new secret, and for $4 hours with the one before as well; with 0 hours only with the new one.
update gsb.webhook
set
  previous_salt = case when $4::int > 0 then salt end,
  previous_until = case when $4::int > 0 then now() + make_interval(hours => $4::int) end,
  salt = $2::bytea,
  secret_check = $3::bytea
where id = $1::bigint
returning
  id, organisation_id, agency_id, label, url, kinds, state, disabled_reason, salt, secret_check, previous_salt,
  previous_until, verified_at, last_success_at, failing_since, failures, created_at
