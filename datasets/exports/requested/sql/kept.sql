-- The requests of an account that wait or were finished less than $3 seconds ago, with the bytes of their files.
select
  count(*) as requests,
  coalesce(
    sum((select sum((part ->> 3)::bigint) from jsonb_array_elements(request.parts) as part)), 0
  )::bigint as bytes,
  min(request.finished_at) as first_finished_at
from gsb.export_request as request
where organisation_id = $1::bigint and application_id = $2::bigint
  and (finished_at is null or finished_at > now() - make_interval(secs => $3::float8))
