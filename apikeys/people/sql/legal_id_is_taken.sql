-- Whether an organisation that confirmed its address has legal id $1.
select exists (
  select from gsb.organisation where legal_id = $1::text and email_confirmed_at is not null
)
