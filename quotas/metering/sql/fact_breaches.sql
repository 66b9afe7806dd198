-- Accounts (an application, or negated its test keys) whose facts of this month or the last show more points than were
-- allotted to them in it; none but after a defect. Facts of the first minute of a month are left out: they may belong to answers whose points were taken before
-- it began. A policy is a ledger when some plan says so.
with ledgers as (
  select distinct policy ->> 'name' as policy
  from gsb.plan, jsonb_array_elements(policies) as policy
  where policy ->> 'kind' = 'period' and policy ->> 'unit' = 'points'
),
months as (
  select at, at + interval '1 month' as until
  from unnest(array[date_trunc('month', now(), 'UTC') - interval '1 month', date_trunc('month', now(), 'UTC')]) as at
),
noted as (
  select
    m.at, d.application_id,
    sum(d.points) - coalesce((
      select sum(f.points)
      from gsb.usage_fact f
      where f.application_id = d.application_id
        and f.second >= m.at and f.second < m.at + interval '1 minute' and f.dataset_id = 0
    ), 0) as points
  from months m
  join gsb.usage_day d on d.day >= (m.at at time zone 'UTC')::date and d.day < (m.until at time zone 'UTC')::date
  where d.dataset_id = 0
  group by m.at, d.application_id
),
allotted as (
  select m.at, a.application_id, sum(a.allotted) as points
  from months m
  join gsb.quota_account a on a.period_start >= m.at and a.period_start < m.until
  where a.policy in (select policy from ledgers)
  group by m.at, a.application_id
)
select n.application_id, n.at as month, n.points::bigint as facts, coalesce(a.points, 0)::bigint as allotted
from noted n
left join allotted a using (at, application_id)
where n.points > coalesce(a.points, 0)
order by n.application_id, n.at
