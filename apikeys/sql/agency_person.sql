-- The person of an agency with this address, made when absent or back when removed, with the role they had before; the
-- address is unique per agency, so two callers get one. Somebody who is there keeps their role.
with before as (
  select id, case when removed_at is null then role end as role
  from gsb.person
  where agency_id = $3::bigint and lower(email) = lower($2::text)
)
insert into gsb.person as p (name, email, agency_id, role)
values ($1::text, $2::text, $3::bigint, $4::text)
on conflict (agency_id, lower(email)) do update
set name = excluded.name, role = case when p.removed_at is null then p.role else excluded.role end, removed_at = null
returning p.id, (select role from before) as role_before
