-- True when nobody makes files, and nobody begins to before this transaction ends.
select pg_try_advisory_xact_lock(hashtextextended('gsb.exports', 0))
