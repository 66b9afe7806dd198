-- Accounts of the last two months whose leases do not add up to what is allotted, or that hold more than their limit; none
-- but after a defect. One statement, so one snapshot: grants and settles change both sides in one transaction.
select
  a.organisation_id, a.application_id, a.policy, a.period_start, a.lim, a.allotted, a.used,
  coalesce(l.held, 0)::bigint as leases,
  coalesce(l.closed, 0)::bigint as closed
from gsb.quota_account a
left join (
  select
    organisation_id, application_id, policy, period_start,
    sum(case state when 'settled' then used else amount end) as held,
    sum(case state when 'settled' then used when 'forfeit' then amount else 0 end) as closed
  from gsb.quota_lease
  where period_start >= date_trunc('month', now(), 'UTC') - interval '1 month'
  group by organisation_id, application_id, policy, period_start
) l using (organisation_id, application_id, policy, period_start)
where a.period_start >= date_trunc('month', now(), 'UTC') - interval '1 month'
  and (a.allotted <> coalesce(l.held, 0) or a.used <> coalesce(l.closed, 0) or a.allotted > a.lim)
order by a.organisation_id, a.application_id, a.policy, a.period_start
