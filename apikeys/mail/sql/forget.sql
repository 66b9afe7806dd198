-- Mails and codes of more than thirty days ago; all codes in them have long expired.
with old_codes as (
  delete from gsb.mail_code where expires_at < now() - interval '30 days'
)
delete from gsb.mail where created_at < now() - interval '30 days'
