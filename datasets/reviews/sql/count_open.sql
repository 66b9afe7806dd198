-- How many submissions of dataset $1 have not come to their end; two that come at the same moment may both be the last.
select count(*) from gsb.submission
where dataset_id = $1::bigint and state in ('draft', 'validating', 'in_review', 'approved')
