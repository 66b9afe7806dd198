-- Every day from $2 to $3 (both included) of datasets $1, newest first: for the agency whose they are. At most $4.
select
  d.day,
  d.dataset_id,
  d.field,
  sum(d.requests)::bigint as requests,
  count(*)::bigint as organisations
from gsb.demand_day as d
where d.dataset_id = any ($1::bigint[]) and d.day between $2::date and $3::date
group by 1, 2, 3
order by 1 desc, 4 desc, 2, 3
limit $4
