-- True when this session now holds the right to make the files of request $1; held until the session ends, whatever
-- ends it.
select pg_try_advisory_lock(hashtextextended('gsb.export_request:' || $1::text, 0))
