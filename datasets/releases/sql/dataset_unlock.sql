-- Gives the right to release dataset $1 back before the session ends.
select pg_advisory_unlock(1196638770, $1::int)
