-- Requests whose clock has run out at $1 without an answer, the oldest end first, at most $2: locked, and those that somebody
-- else decides on right now are left for the next time. The index data_request_running serves it.
select r.id, r.state, r.agency_id, a.slug as agency, r.due_at
from gsb.data_request as r
join gsb.agency as a on a.id = r.agency_id
where r.state in ('open', 'acknowledged') and r.due_at <= $1::timestamptz
order by r.due_at, r.id
limit $2
for update of r skip locked
