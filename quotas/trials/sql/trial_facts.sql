-- Whole answers and files of every application from $1 until $2, each application's in order of time; index
-- usage_fact_by_second serves the filter. Test keys have accounts of their own, with negated numbers. Nobody's downloads (application 0) are in no plan.
select
  application_id,
  extract(epoch from second)::bigint as second,
  operation_hash = 'file' as is_file,
  requests, points, bytes, ms, database_us,
  key_id
from gsb.usage_fact
where second >= $1::timestamptz
  and second < $2::timestamptz
  and dataset_id = 0
  and application_id <> 0
order by application_id, second, worker_boot, seq
