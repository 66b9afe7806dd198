-- True when this session now holds the right to look at the file of $1; held until the session ends, whatever ends it.
select pg_try_advisory_lock(hashtextextended('gsb.validation:' || $1::text, 0))
