-- Takes requests that end by $2 and have not at $1, each once: their agency is reminded of them.
update gsb.data_request as r
set reminded_at = $1::timestamptz
from gsb.agency as a
where a.id = r.agency_id
  and r.state in ('open', 'acknowledged')
  and r.reminded_at is null
  and r.due_at > $1
  and r.due_at <= $2::timestamptz
returning r.id, r.agency_id, a.slug as agency, r.due_at
