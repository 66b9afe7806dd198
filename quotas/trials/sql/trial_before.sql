-- What each application had used before $1 of the month and of the day that it lies in: a trial begins there.
select
  application_id,
  sum(points)::bigint as month_points,
  (coalesce(sum(points) filter (where second >= date_trunc('day', $1::timestamptz, 'UTC')), 0))::bigint as day_points,
  (coalesce(sum(bytes) filter (where operation_hash = 'file'), 0))::bigint as month_bytes,
  (coalesce(sum(bytes) filter (
    where operation_hash = 'file' and second >= date_trunc('day', $1::timestamptz, 'UTC')), 0))::bigint as day_bytes
from gsb.usage_fact
where second >= date_trunc('month', $1::timestamptz, 'UTC')
  and second < $1::timestamptz
  and dataset_id = 0
group by application_id
