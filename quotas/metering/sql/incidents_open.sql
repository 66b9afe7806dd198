-- What was found and nobody has closed, the oldest first.
select id, kind, subject, details::text as details, first_seen, last_seen
from gsb.incident
where closed_at is null
order by id
