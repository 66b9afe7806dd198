-- Shares $1 (ascending percents) of a limit that an account's present period has reached and that were not said of this
-- limit or a higher one. Written as said in this statement; rows come back once, to whoever wrote them: two processes at
-- a time and a restart say nothing twice. A period that ended within the last hour still counts.
with reached as (
  select
    a.organisation_id, a.application_id, a.policy, a.period_start, a.period_end, a.lim, a.allotted, a.used, share.percent
  from gsb.quota_account as a
  cross join unnest($1::int[]) as share (percent)
  left join gsb.quota_threshold as said
    on (said.organisation_id, said.application_id, said.policy, said.period_start)
      = (a.organisation_id, a.application_id, a.policy, a.period_start)
    and said.percent = share.percent
  where a.period_end > now() - interval '1 hour'
  and a.allotted::numeric * 100 >= a.lim::numeric * share.percent
  and a.allotted > 0
  and (said.lim is null or said.lim < a.lim)
  order by a.organisation_id, a.application_id, a.policy, a.period_start, share.percent
  limit $2::int
),
said as (
  insert into gsb.quota_threshold as t (organisation_id, application_id, policy, period_start, percent, lim)
  select organisation_id, application_id, policy, period_start, percent, lim from reached
  on conflict (organisation_id, application_id, policy, period_start, percent) do update
  set lim = excluded.lim, said_at = now()
  where t.lim < excluded.lim
  returning organisation_id, application_id, policy, period_start, percent
)
select
  r.organisation_id, r.application_id, r.policy, r.period_start, r.period_end, r.percent, r.lim, r.allotted,
  r.used + coalesce((
    select sum(l.used)
    from gsb.quota_lease as l
    where (l.organisation_id, l.application_id, l.policy, l.period_start)
      = (r.organisation_id, r.application_id, r.policy, r.period_start)
    and l.state = 'open'
  ), 0)::bigint as used
from reached as r
join said using (organisation_id, application_id, policy, period_start, percent)
order by r.organisation_id, r.application_id, r.policy, r.period_start, r.percent
