-- Person $1 when they own an organisation, with it, from one snapshot.
select
  p.name as person_name, p.token_generation,
  o.id, o.name, o.kind, o.plan, o.state, o.suspended_reason, o.created_at
from gsb.person as p
join gsb.organisation as o on o.id = p.organisation_id
where p.id = $1::bigint
and p.role = 'owner'
