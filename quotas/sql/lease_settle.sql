-- Closes an open lease once and returns its rest to the account; a second call, or one on a forfeited lease, changes
-- nothing and returns no row.
with closed as (
  update gsb.quota_lease
  set state = 'settled', used = $2::bigint, closed_at = now()
  where id = $1::uuid and state = 'open'
  returning organisation_id, application_id, policy, period_start, amount, used
)
update gsb.quota_account a
set allotted = a.allotted - (closed.amount - closed.used), used = a.used + closed.used
from closed
where a.organisation_id = closed.organisation_id
  and a.application_id = closed.application_id
  and a.policy = closed.policy
  and a.period_start = closed.period_start
returning closed.amount - closed.used as returned
