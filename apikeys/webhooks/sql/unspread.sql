-- Up to $1 messages that no webhook has its delivery of yet, the oldest first; each process takes others.
select id, message_id, kind, payload::text as payload, organisation_id, agency_id, at
from gsb.outbox
where spread_at is null
order by id
limit $1::int
for update skip locked
