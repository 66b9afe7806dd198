-- Organisation $1 with what its own people may see of it, and its open use if it declared one.
select
  o.id, o.name, o.kind, o.plan, o.state, o.suspended_reason, o.created_at, o.email, o.legal_id, o.email_confirmed_at,
  u.id as use_id, u.url, u.description, u.declared_at
from gsb.organisation as o
left join gsb.declared_use as u on u.organisation_id = o.id and u.ended_at is null
where o.id = $1::bigint
