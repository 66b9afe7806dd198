-- Open leases of workers that are gone or fenced, and those past their period, are counted as used in full. Runs after
-- the fence of the same transaction and under its advisory lock, so it misses no grant and meets no second reclaimer.
with lost as (
  update gsb.quota_lease l
  set state = 'forfeit', closed_at = now()
  where l.state = 'open'
    and (
      l.expires_at < now()
      or not exists (select from gsb.worker w where w.boot_id = l.worker_boot and w.fenced_at is null)
    )
  returning l.organisation_id, l.application_id, l.policy, l.period_start, l.amount, l.used
),
summed as (
  select organisation_id, application_id, policy, period_start, sum(amount)::bigint as amount
  from lost
  group by organisation_id, application_id, policy, period_start
),
counted as (
  update gsb.quota_account a
  set used = a.used + summed.amount
  from summed
  where a.organisation_id = summed.organisation_id
    and a.application_id = summed.application_id
    and a.policy = summed.policy
    and a.period_start = summed.period_start
)
select count(*) as leases, coalesce(sum(amount - used), 0)::bigint as units from lost
