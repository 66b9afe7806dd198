-- The oldest job that nobody holds, one per dataset at a time; its attempt number is what its holder must show.
-- A job whose holder died comes back when its lease has run out, and it is counted that it did.
update gsb.job
set
  state = 'running', attempts = attempts + 1, lost_leases = lost_leases + (state = 'running')::int,
  lease_until = now() + make_interval(secs => $1::float8)
where id = (
  select id from gsb.job as waiting
  where state in ('queued', 'running')
    and (lease_until is null or lease_until < now())
    and not exists (
      select from gsb.job as other
      where other.dataset_id = waiting.dataset_id and other.state = 'running' and other.lease_until >= now()
    )
  order by created_at
  for update skip locked
  limit 1
)
returning id
