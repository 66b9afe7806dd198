-- Whole answers (dataset 0) per application from $1 until $2, the heaviest first; index usage_fact_by_second or
-- usage_fact_by_application serves the filter. $3 null means every application. With its test keys'.
select
  abs(application_id) as application_id,
  0::bigint as dataset_id,
  sum(requests)::bigint as requests,
  sum(points)::bigint as points,
  sum(bytes)::bigint as bytes,
  sum(errors)::bigint as errors,
  sum(ms)::bigint as ms
from gsb.usage_fact
where second >= $1::timestamptz
  and second < $2::timestamptz
  and dataset_id = 0
  and ($3::bigint is null or application_id in ($3::bigint, -$3::bigint))
group by abs(application_id)
order by points desc, abs(application_id)
