-- Requests that may be tried, the oldest first; at most $1.
select id from gsb.export_request
where state = 'queued' and try_at <= now()
order by created_at
limit $1::int
