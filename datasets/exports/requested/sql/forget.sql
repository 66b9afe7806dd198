-- Requests that were finished $1 seconds ago, and those of releases that were recalled: their files go with them.
delete from gsb.export_request
where (state <> 'queued' and finished_at < now() - make_interval(secs => $1::float8))
  or release_id in (select id from gsb.release where state = 'recalled')
