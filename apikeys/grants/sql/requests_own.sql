-- The requests of organisation $1, or those of them in state $2, newest first, those before request $3, at most $4.
select *
from gsb.grant_request_told
where organisation_id = $1::bigint
and content_version = version
and ($2::text is null or state = $2::text)
and ($3::bigint is null or id < $3::bigint)
order by id desc
limit $4::integer
