-- One new webhook, unverified: nothing is sent to it before it has answered a ping.
insert into gsb.webhook (id, organisation_id, agency_id, label, url, lane, kinds, salt, secret_check)
overriding system value
values ($1::bigint, $2::bigint, $3::bigint, $4::text, $5::text, $6::text, $7::text[], $8::bytea, $9::bytea)
returning
  id, organisation_id, agency_id, label, url, kinds, state, disabled_reason, salt, secret_check, previous_salt,
  previous_until, verified_at, last_success_at, failing_since, failures, created_at
