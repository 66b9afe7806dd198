-- Whose code $1 of purpose $2 is, if it is valid at $3.
select organisation_id
from gsb.mail_code
where digest = $1::bytea and purpose = $2::text and used_at is null and expires_at > $3::timestamptz
