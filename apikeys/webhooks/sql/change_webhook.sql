-- Label, kinds and address of webhook $1; another address is unverified until it answers a ping.
update gsb.webhook
set
  label = $2::text,
  kinds = $3::text[],
  url = $4::text,
  lane = $5::text,
  state = case when url = $4::text then state else 'unverified' end,
  disabled_reason = case when url = $4::text then disabled_reason end,
  verified_at = case when url = $4::text then verified_at end
where id = $1::bigint
returning
  id, organisation_id, agency_id, label, url, kinds, state, disabled_reason, salt, secret_check, previous_salt,
  previous_until, verified_at, last_success_at, failing_since, failures, created_at
