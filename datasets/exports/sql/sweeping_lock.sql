-- Returns when nobody makes files, and nobody begins to before this transaction ends. Waits in line for those who are at
-- it; whoever begins later waits behind.
select pg_advisory_xact_lock(hashtextextended('gsb.exports', 0))
