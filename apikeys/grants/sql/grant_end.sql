-- The active grant of request $1 becomes $2 (obsolete or revoked) at $3; $4 says why it was revoked.
update gsb.data_grant
set state = $2::text, ended_at = $3::timestamptz, revoked_reason = $4::text
where request_id = $1::bigint
and state = 'active'
