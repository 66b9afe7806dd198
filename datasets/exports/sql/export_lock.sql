-- True when this session now holds the right to make the files of release $1; held until the session ends, whatever
-- ends it.
select pg_try_advisory_lock(hashtextextended('gsb.export:' || $1::bigint, 0))
