-- Code $1 of purpose $2 is used up, if it is valid at $3; at most one caller gets the row.
update gsb.mail_code
set used_at = $3::timestamptz
where digest = $1::bytea and purpose = $2::text and used_at is null and expires_at > $3::timestamptz
returning organisation_id, person_id, email, role
