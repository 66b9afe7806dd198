-- Per agency ($1: one slug, or all) at the moment $2: what was asked and what came of it. What was removed counts nowhere.
select
  a.slug as agency,
  count(*)::bigint as asked,
  count(*) filter (where t.state in ('open', 'acknowledged'))::bigint as running,
  count(*) filter (where t.state in ('released', 'partly_released', 'not_held'))::bigint as answered,
  count(*) filter (where t.state = 'refused')::bigint as refused,
  count(*) filter (where t.state = 'refused_without_ground')::bigint as refused_without_ground,
  count(*) filter (where t.state = 'no_answer')::bigint as no_answer,
  count(*) filter (where r.answered_at >= r.due_at)::bigint as late,
  percentile_cont(0.5) within group (order by r.answered_working_days)::float8 as median_working_days
from gsb.data_request as r
join gsb.agency as a on a.id = r.agency_id
cross join lateral (
  select case when r.state in ('open', 'acknowledged') and r.due_at <= $2::timestamptz then 'no_answer' else r.state end
    as state
) as t
where r.state <> 'removed' and ($1::text is null or a.slug = $1)
group by a.slug
order by a.slug
