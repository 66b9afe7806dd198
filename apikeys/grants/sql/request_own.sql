-- Request $1 with the words that are being worked on; with $2 not null only that organisation's.
select *
from gsb.grant_request_told
where id = $1::bigint
and content_version = version
and ($2::bigint is null or organisation_id = $2::bigint)
