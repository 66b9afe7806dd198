-- Touches of datasets per application and dataset from $1 until $2, with their shares of points, bytes and milliseconds.
select
  abs(application_id) as application_id,
  dataset_id,
  sum(requests)::bigint as requests,
  sum(points)::bigint as points,
  sum(bytes)::bigint as bytes,
  sum(errors)::bigint as errors,
  sum(ms)::bigint as ms
from gsb.usage_fact
where second >= $1::timestamptz
  and second < $2::timestamptz
  and dataset_id > 0
  and ($3::bigint is null or application_id in ($3::bigint, -$3::bigint))
group by abs(application_id), dataset_id
order by requests desc, abs(application_id), dataset_id
