-- True when this session now holds the right to release dataset $1; held until the session ends, whatever ends it.
select pg_try_advisory_lock(1196638770, $1::int)
