-- Requests that were finished $1 seconds ago.
delete from gsb.draft_request
where state <> 'queued' and finished_at < now() - make_interval(secs => $1::float8)
