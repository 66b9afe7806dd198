-- The steps of request $1 in order; with $2 false only those that its agency may know of: of a reopening that was taken
-- back before it was handed in it hears nothing at all.
select t.at, t.party, t.step, t.version, t.message, t.legal_ground
from gsb.grant_step as t
where t.request_id = $1::bigint
and (
  $2::boolean
  or t.step not in ('open', 'edit', 'reopen')
  and (
    t.step <> 'withdraw'
    or 'reopen' is distinct from (
      select e.step
      from gsb.grant_step as e
      where e.request_id = t.request_id
      and e.id < t.id
      and e.step in ('reopen', 'submit')
      order by e.id desc
      limit 1
    )
  )
)
order by t.id
