-- One row per plan name; a new plan is offered last.
insert into gsb.plan (name, position, policies, brakes, key_brakes)
values ($1::text, (select coalesce(max(position), 0) + 1 from gsb.plan), $2::jsonb, $3::jsonb, $4::jsonb)
on conflict (name) do update set
  policies = excluded.policies,
  brakes = excluded.brakes,
  key_brakes = excluded.key_brakes,
  updated_at = now()
