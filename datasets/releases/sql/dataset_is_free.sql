-- True when nobody is releasing dataset $1, and nobody can begin before this transaction ends.
select pg_try_advisory_xact_lock(1196638770, $1::int)
