-- Never allots past the limit: ONE update reads the room and takes it from the same version of the row (a select for
-- update followed by an update granted 20,002 of 20,000 under 8 writers). No row comes back when the worker is fenced,
-- the room is below the minimum, the account of this period is missing or the lease is closed or of another period.
-- The share lock on the worker's row makes fencing wait for the grant: a fenced worker holds nothing unseen.
with alive as (
  select boot_id from gsb.worker where boot_id = $2::uuid and fenced_at is null for share
),
crowd as (
  select greatest(count(*), 1) as workers
  from gsb.worker
  where fenced_at is null and heartbeat_at > now() - interval '30 seconds'
),
granted as (
  update gsb.quota_account a
  set
    lim = greatest(a.allotted, $7::bigint),
    last_grant = least($7::bigint - a.allotted,
      greatest($10::bigint, least($9::bigint, ($7::bigint - a.allotted) / (2 * crowd.workers)))),
    allotted = a.allotted + least($7::bigint - a.allotted,
      greatest($10::bigint, least($9::bigint, ($7::bigint - a.allotted) / (2 * crowd.workers))))
  from alive, crowd
  where a.organisation_id = $3::bigint
    and a.application_id = $4::bigint
    and a.policy = $5::text
    and a.period_start = date_trunc($6::text, now(), 'UTC')
    and $7::bigint - a.allotted >= $10::bigint
    and not exists (
      select from gsb.quota_lease l
      where l.id = $1::uuid and (l.state <> 'open' or l.period_start <> date_trunc($6::text, now(), 'UTC'))
    )
  returning a.period_start, a.period_end, a.last_grant, a.lim - a.allotted as room
)
insert into gsb.quota_lease as l
  (id, organisation_id, application_id, policy, period_start, worker_boot, amount, expires_at)
select
  $1::uuid, $3::bigint, $4::bigint, $5::text, period_start, $2::uuid, last_grant, period_end + interval '10 minutes'
from granted
on conflict (id) do update set amount = l.amount + excluded.amount, used = greatest(l.used, $8::bigint)
returning
  l.amount,
  (select room from granted) as room,
  (select period_end from granted) as period_end,
  (select extract(epoch from period_end - clock_timestamp()) from granted)::float8 as seconds_left
