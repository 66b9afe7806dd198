-- Person $1 when they belong to an organisation and were not removed, with it, from one snapshot.
select
  p.name as person_name, p.role, p.token_generation,
  o.id, o.name, o.kind, o.plan, o.state, o.suspended_reason, o.created_at
from gsb.person as p
join gsb.organisation as o on o.id = p.organisation_id
where p.id = $1::bigint
and p.role in ('owner', 'member')
and p.removed_at is null
