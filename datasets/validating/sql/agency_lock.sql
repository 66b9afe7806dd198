-- One validation of agency $1 after the other is counted, until the transaction ends.
select pg_advisory_xact_lock(hashtextextended('gsb.validation.agency:' || $1::bigint::text, 0))
