-- Request $1 as its agency may see it: what was handed in. With $2 not null only when the dataset is that agency's, with
-- $3 not null only when it is one of those (agency/dataset).
select *
from gsb.grant_request_told
where id = $1::bigint
and content_version = submitted_version
and ($2::bigint is null or agency_id = $2::bigint)
and ($3::text[] is null or agency || '/' || dataset = any ($3::text[]))
