-- Organisation $2 is reminded of notice $1; true when it was told of it and had not been reminded before.
update gsb.contract_notice_told
set reminded_at = now()
where notice_id = $1::bigint and organisation_id = $2::bigint and reminded_at is null
returning true
