-- The open use of organisation $1 ends, by whom ($2) and why ($3); no row when there is none.
update gsb.declared_use
set ended_at = now(), ended_by = $2::text, ended_reason = $3::text
where organisation_id = $1::bigint and ended_at is null
returning id, url, description, declared_at
