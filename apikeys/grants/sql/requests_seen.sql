-- The requests that were handed in for the datasets of agency $1 (null: of all) that are among $5 (null: all), or those of
-- them in state $2, newest first, those before request $3, at most $4. A reopening that is a draft yet is not the agency's
-- to know of.
select *
from gsb.grant_request_told
where ($1::bigint is null or agency_id = $1::bigint)
and content_version = submitted_version
and ($2::text is null or $2::text = case when state = 'draft' then 'validated' else state end)
and ($3::bigint is null or id < $3::bigint)
and ($5::text[] is null or agency || '/' || dataset = any ($5::text[]))
order by id desc
limit $4::integer
