-- Key $1 has digest $3 of pepper $4 now, unless its digest is no longer $2.
update gsb.api_key
set digest = $3::bytea, pepper_version = $4::int
where id = $1::text
and digest = $2::bytea
