-- Up to $5 messages that webhook $1 may hear of are due again, named by $2 or announced from $3 until $4, the oldest
-- first; with $6 only those that were given up. What is still on its way stays as it is. One row per message.
insert into gsb.webhook_delivery as d (webhook_id, outbox_id)
select w.id, o.id
from gsb.outbox as o
join gsb.webhook as w on w.id = $1::bigint
left join gsb.organisation as g on g.id = w.organisation_id
left join gsb.webhook_delivery as before on before.webhook_id = w.id and before.outbox_id = o.id
where ($2::uuid[] is null or o.message_id = any ($2::uuid[]))
and ($3::timestamptz is null or o.at >= $3::timestamptz)
and ($4::timestamptz is null or o.at < $4::timestamptz)
and o.spread_at is not null
and before.state is distinct from 'pending'
and (not $6::boolean or before.state = 'failed')
and (o.kind = any (w.kinds) or split_part(o.kind, '.', 1) || '.*' = any (w.kinds) or '*' = any (w.kinds))
and (
  w.organisation_id = o.organisation_id
  or w.agency_id = o.agency_id
  or (o.organisation_id is null and o.agency_id is null and coalesce(g.state, 'active') = 'active')
)
order by o.id
limit $5::int
on conflict (webhook_id, outbox_id) do update
set state = 'pending', attempts = 0, due_at = now(), claim = null, delivered_at = null
where d.state <> 'pending'
returning d.id
