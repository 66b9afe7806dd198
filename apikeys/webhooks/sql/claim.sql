-- One due delivery for each lane (scheme, host, port) that is none of $1 and each holder that is none of $2, at most $3 of
-- them. Until $4 seconds have passed the attempt is ours alone; then it counts as lost and is due again. Rows that another
-- process is claiming are passed over, and a receiver with many due ones keeps no other from its turn.
with ready as (
  select distinct on (w.lane) w.id, coalesce('o' || w.organisation_id, 'a' || w.agency_id) as holder
  from gsb.webhook as w
  where w.state = 'active'
  and w.lane <> all ($1::text[])
  and coalesce('o' || w.organisation_id, 'a' || w.agency_id) <> all ($2::text[])
  and (w.held_until is null or w.held_until <= now())
  and exists (
    select from gsb.webhook_delivery as d where d.webhook_id = w.id and d.state = 'pending' and d.due_at <= now()
  )
  order by w.lane, random()
),
turns as (
  select distinct on (holder) id from ready order by holder, random()
),
chosen as (
  select due.id
  from (select id from turns order by random() limit $3::int) as turn
  cross join lateral (
    select d.id
    from gsb.webhook_delivery as d
    where d.webhook_id = turn.id
    and d.state = 'pending'
    and d.due_at <= now()
    order by d.due_at, d.id
    limit 1
    for no key update skip locked
  ) as due
),
claimed as (
  update gsb.webhook_delivery as d
  set
    claim = gen_random_uuid(),
    attempts = d.attempts + 1,
    due_at = now() + make_interval(secs => $4::float8),
    last_attempt_at = now()
  from chosen
  where d.id = chosen.id
  returning d.id, d.claim, d.attempts, d.webhook_id, d.outbox_id
)
select
  c.id as delivery_id, c.claim, c.attempts, w.lane, o.message_id, o.kind, o.payload::text as payload, o.at,
  w.id, w.organisation_id, w.agency_id, w.label, w.url, w.kinds, w.state, w.disabled_reason, w.salt, w.secret_check,
  w.previous_salt, w.previous_until, w.verified_at, w.last_success_at, w.failing_since, w.failures, w.created_at
from claimed as c
join gsb.webhook as w on w.id = c.webhook_id
join gsb.outbox as o on o.id = c.outbox_id
