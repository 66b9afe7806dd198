-- Organisation $1, locked until the end of the transaction.
select id, name, kind, plan, state, suspended_reason, created_at
from gsb.organisation
where id = $1::bigint
for no key update
