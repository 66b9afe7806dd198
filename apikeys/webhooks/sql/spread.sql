-- A delivery for each active webhook that wants one of the messages $1 and may hear of it; the messages are spread then.
with spread as (
  update gsb.outbox
  set spread_at = now()
  where id = any ($1::bigint[])
)
insert into gsb.webhook_delivery (webhook_id, outbox_id)
select w.id, o.id
from gsb.outbox as o
join gsb.webhook as w on w.state = 'active'
left join gsb.organisation as g on g.id = w.organisation_id
where o.id = any ($1::bigint[])
and (o.kind = any (w.kinds) or split_part(o.kind, '.', 1) || '.*' = any (w.kinds) or '*' = any (w.kinds))
and (
  w.organisation_id = o.organisation_id
  or w.agency_id = o.agency_id
  or (o.organisation_id is null and o.agency_id is null and coalesce(g.state, 'active') = 'active')
)
order by o.id, w.id
on conflict (webhook_id, outbox_id) do nothing
