-- How many requests of an account are not finished.
select count(*) from gsb.export_request
where organisation_id = $1::bigint and application_id = $2::bigint and state = 'queued'
