-- Deliveries of webhook $1 below number $2 (null: from the newest), of state $3 or all, newest first, at most $4.
select
  d.id, o.message_id, o.kind, o.at, d.state, d.attempts, d.due_at, d.last_status, d.last_error, d.last_attempt_at,
  d.delivered_at
from gsb.webhook_delivery as d
join gsb.outbox as o on o.id = d.outbox_id
where d.webhook_id = $1::bigint
and ($2::bigint is null or d.id < $2::bigint)
and ($3::text is null or d.state = $3::text)
order by d.id desc
limit $4::int
