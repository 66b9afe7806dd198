-- Whole months from day $2 to before day $3 of agency $1 (a slug, or all), newest first; only what at least $4 organisations
-- share. At most $5. The months are fixed, so that no two answers can be subtracted from each other.
select
  date_trunc('month', d.day)::date as month,
  a.slug || '/' || s.slug as dataset,
  d.field,
  sum(d.requests)::bigint as requests,
  count(distinct d.organisation_id)::bigint as organisations
from gsb.demand_day as d
join gsb.dataset as s on s.id = d.dataset_id
join gsb.agency as a on a.id = s.agency_id
where ($1::text is null or a.slug = $1) and d.day >= $2::date and d.day < $3::date
group by 1, 2, 3
having count(distinct d.organisation_id) >= $4::bigint
order by 1 desc, 4 desc, 2, 3
limit $5
