-- A new code; earlier ones of the same organisation, purpose and address end with it.
with earlier as (
  update gsb.mail_code
  set used_at = now()
  where organisation_id = $3::bigint and purpose = $2::text and lower(email) = lower($5::text) and used_at is null
)
insert into gsb.mail_code (digest, purpose, organisation_id, person_id, email, role, expires_at)
values ($1::bytea, $2::text, $3::bigint, $4::bigint, $5::text, $6::text, $7::timestamptz)
