-- All organisations, newest first; the id makes the order total.
select id, name, kind, plan, state, suspended_reason, created_at
from gsb.organisation
where $1::text is null or state = $1::text
order by id desc
